import assert from "node:assert/strict";
import { test } from "node:test";
import { createImages } from "../../../static/js/pages/project/images.js";

const image = (id, more = {}) => ({ id, name: `${id}.png`, state: "ready", embedding: "ready", error: null, annotations: 0, ...more });

/** A project of `count` images, ids from 1, behind the API's paging. */
function make(count) {
  const rows = Array.from({ length: count }, (_, n) => image(n + 1));
  const queries = [];
  const errors = [];
  let broken = false;
  const images = createImages({
    firstPage: 10,
    page: 20,
    async fetchPage({ limit, cursor, order, q }) {
      queries.push({ limit, cursor });
      if (broken) throw new Error("Gone.");
      let found = order === "newest" ? [...rows].reverse() : rows;
      if (q) found = found.filter((row) => row.name.startsWith(q));
      const from = Number(cursor ?? 0);
      return { items: found.slice(from, from + limit).map((row) => ({ ...row })), next: from + limit < found.length ? String(from + limit) : null };
    },
    fetchOne: async (id) => ({ ...rows[id - 1], annotations: 5 }),
    onChange() {},
    onError: (error) => errors.push(error.message),
  });
  images.setKnown(count);
  return { images, rows, queries, errors, breakIt: (on) => (broken = on) };
}

test("what is learned while a list is on its way is not taken back by it", async () => {
  const { images, rows } = make(4);
  Object.assign(rows[1], { state: "preparing" });
  await images.reload({ order: "newest" });
  const loading = images.reload();
  images.put(image(5));
  images.remove(4);
  images.patch({ id: 2, state: "ready" });
  await loading;
  assert.deepEqual(images.ids(), [5, 3, 2, 1]);
  assert.deepEqual([images.get(2).state, images.known], ["ready", 4]);
});

test("those that are still being prepared are known by their ids", async () => {
  const { images, rows } = make(4);
  Object.assign(rows[0], { state: "preparing", embedding: "missing" });
  Object.assign(rows[1], { embedding: "running" });
  Object.assign(rows[2], { embedding: "queued" });
  Object.assign(rows[3], { embedding: "failed" });
  await images.reload({});
  assert.deepEqual(images.unfinished(), [1, 2, 3]);
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

test("pages are loaded as they come into sight, as far as is needed", async () => {
  const { images, queries } = make(100);
  await images.reload({ order: "newest" });
  assert.deepEqual([images.loaded, images.total, images.at(0).id], [10, 100, 100]);
  images.ensure(45);
  await settle();
  assert.equal(images.loaded, 50);
  assert.equal(queries.length, 3);
  images.ensure(30);
  await settle();
  assert.equal(queries.length, 3);
  assert.equal(images.at(60), undefined);
});

test("a new image stands first or last, by the order", async () => {
  const { images } = make(5);
  await images.reload({ order: "newest" });
  images.put(image(7));
  images.put(image(6));
  assert.deepEqual(images.ids(), [7, 6, 5, 4, 3, 2, 1]);
  assert.equal(images.known, 7);
  await images.reload({ order: "oldest" });
  images.put(image(6));
  assert.deepEqual(images.ids(), [1, 2, 3, 4, 5, 6]);
});

test("with the oldest first, a new image waits for its page", async () => {
  const { images } = make(30);
  await images.reload({ order: "oldest" });
  images.put(image(31));
  assert.deepEqual([images.loaded, images.total], [10, 31]);
});

test("news changes what is known and ignores what is not", async () => {
  const { images } = make(3);
  await images.reload({});
  images.patch({ id: 2, state: "refused", error: { code: "torn", message: "Torn." } });
  images.patch({ id: 99, state: "refused" });
  assert.equal(images.get(2).error.message, "Torn.");
  await images.refetch([3]);
  assert.equal(images.get(3).annotations, 5);
  assert.equal(images.at(2), images.get(3));
  images.remove(2);
  images.remove(2);
  assert.deepEqual([images.ids(), images.known], [[1, 3], 2]);
});

test("an answer to an older question is dropped", async () => {
  const { images } = make(30);
  const first = images.reload({});
  const second = images.reload({ q: "1" });
  await Promise.all([first, second]);
  assert.ok(images.filtered);
  assert.ok(images.ids().every((id) => String(id).startsWith("1")));
});

test("a failed page is told, and can be asked for again", async () => {
  const { images, errors, breakIt } = make(30);
  await images.reload({});
  breakIt(true);
  images.ensure(25);
  await settle();
  assert.deepEqual([images.state, errors, images.loaded], ["failed", ["Gone."], 10]);
  breakIt(false);
  await images.retry();
  assert.equal(images.loaded, 30);
});

test("a range goes from one image to another in either direction", async () => {
  const { images } = make(8);
  await images.reload({ order: "newest" });
  assert.deepEqual(images.between(6, 3), [6, 5, 4, 3]);
  assert.deepEqual(images.between(3, 5), [5, 4, 3]);
  assert.deepEqual(images.between(99, 4), [4]);
});
