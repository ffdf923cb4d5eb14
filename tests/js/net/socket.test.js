import assert from "node:assert/strict";
import { test } from "node:test";
import { createSocket } from "../../../static/js/net/socket.js";

class FakeWebSocket extends EventTarget {
  sent = [];
  closed = false;
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  emit(type, fields = {}) {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

function make() {
  const made = [];
  const socket = createSocket({
    url: "/ws/projects/1/",
    random: () => 0.5,
    open: (url) => {
      const fake = new FakeWebSocket();
      fake.url = url;
      made.push(fake);
      return fake;
    },
  });
  return { socket, made };
}

test("events reach the listeners of their type, and of all", () => {
  const { socket, made } = make();
  const seen = [];
  socket.on("job.updated", (data) => seen.push(data.id));
  const stop = socket.on("*", (_data, message) => seen.push(message.type));
  socket.connect();
  assert.equal(made[0].url, "ws://localhost/ws/projects/1/");
  made[0].emit("open");
  made[0].emit("message", { data: JSON.stringify({ v: 1, type: "job.updated", data: { id: 7 } }) });
  made[0].emit("message", { data: "not json" });
  stop();
  made[0].emit("message", { data: JSON.stringify({ v: 1, type: "other", data: {} }) });
  assert.deepEqual(seen, [7, "job.updated"]);
  socket.close();
});

test("it comes back after a loss, and tells of every opening: what came before it was missed", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, made } = make();
  let opened = 0;
  socket.onOpen(() => opened++);
  socket.connect();
  assert.equal(opened, 0);
  made[0].emit("open");
  assert.equal(opened, 1);
  made[0].emit("close", { code: 1006 });
  assert.equal(socket.status, "waiting");
  t.mock.timers.tick(600);
  assert.equal(made.length, 2);
  made[1].emit("open");
  assert.equal(opened, 2);
  socket.close();
});

test("a refusal is final", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, made } = make();
  socket.connect();
  made[0].emit("close", { code: 4404 });
  t.mock.timers.tick(60000);
  assert.equal(socket.status, "refused");
  assert.equal(made.length, 1);
});

test("an unanswered ping replaces the connection; the old one's late events do nothing", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, made } = make();
  socket.connect();
  made[0].emit("open");
  t.mock.timers.tick(25000);
  assert.deepEqual(made[0].sent, [{ type: "ping" }]);
  t.mock.timers.tick(10000);
  assert.ok(made[0].closed);
  t.mock.timers.tick(1000);
  assert.equal(made.length, 2);
  made[1].emit("open");
  made[0].emit("close", { code: 1006 });
  assert.equal(socket.status, "open");
  socket.close();
});
