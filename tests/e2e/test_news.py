"""What others do to the objects on the page, whichever way it becomes known."""

import time

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser import intercept

from .drawing import box
from .queued import Queue


def _copied(queue: Queue, count: int) -> None:
    """The first image's objects are in the clipboard, and the second image is open."""
    for n in range(count):
        queue.put(0, box(10 + 190 * n, 10 + 190 * n, 50, 50))
    queue.show(0, count)
    queue.key("v")
    queue.drag(2, 2, 400, 400)
    queue.key("Control+c")
    queue.key("f")
    queue.at_image(1)


@pytest.mark.parametrize("what", ["changed", "deleted"])
def test_what_others_do_before_the_answer_to_ones_own_change_is_seen(
    queue: Queue, what: str
) -> None:
    """News of the second version may come before the answer that brings the first."""
    _copied(queue, 1)
    answered: list[str] = []

    def late(route: Route) -> None:
        answer = route.fetch()
        made = answer.json()
        path = f"/api/annotations/{made['id']}"
        if what == "changed":
            change = {"version": made["version"], "label": queue.labels[1]}
            queue.client.patch(path, json=change).raise_for_status()
        else:
            queue.client.delete(path, params={"version": made["version"]}).raise_for_status()
        time.sleep(1)  # the news are there by then
        route.fulfill(response=answer)
        answered.append(made["id"])

    intercept(queue.page, "**/annotations", late)
    queue.key("Control+v")
    rows = queue.page.locator("#objects .object")
    expect(rows).to_have_count(1)
    if what == "changed":
        expect(rows).to_contain_text(["dust"])
    else:
        expect(rows).to_have_count(0)
    assert len(answered) == 1


# The page's sockets connect when they are let.
_SLOW_SOCKETS = """
const Socket = WebSocket;
const allowed = new Promise((resolve) => (window.letSocketsConnect = resolve));
window.WebSocket = class extends EventTarget {
  constructor(url) {
    super();
    allowed.then(() => {
      this.socket = new Socket(url);
      const tell = (event) => this.dispatchEvent(new event.constructor(event.type, event));
      for (const type of ["open", "message", "close"]) this.socket.addEventListener(type, tell);
    });
  }
  send(data) { this.socket.send(data); }
  close() { this.socket?.close(); }
};
"""


def test_what_others_do_before_the_socket_is_open_is_seen(queue: Queue) -> None:
    """The list of objects comes with the page, and the socket tells of nothing before it."""
    kept, lost = (queue.put(1, box(10 + 100 * n, 10, 50, 50)) for n in range(2))
    queue.page.add_init_script(_SLOW_SOCKETS)
    queue.show(1, 2)
    change = {"version": kept["version"], "label": queue.labels[1]}
    queue.client.patch(f"/api/annotations/{kept['id']}", json=change).raise_for_status()
    path = f"/api/annotations/{lost['id']}"
    queue.client.delete(path, params={"version": lost["version"]}).raise_for_status()
    queue.put(1, box(300, 300, 50, 50))
    work = {"state": "skipped", "reason": "Out of focus"}
    queue.client.post(f"/api/images/{queue.images[1]}/work", json=work).raise_for_status()
    labels = f"/api/projects/{queue.project}/labels"
    queue.client.post(labels, json={"name": "scratch"}).raise_for_status()
    queue.page.evaluate("letSocketsConnect()")
    rows = queue.page.locator("#objects .object")
    expect(rows).to_contain_text(["dust", "cell"])
    expect(rows).to_have_count(2)
    expect(queue.page.locator("#work-state")).to_have_text("Skipped")
    expect(queue.page.locator("#labels")).to_contain_text("scratch")


# Every message of the socket is lost.
_DEAF_SOCKETS = """
const Socket = WebSocket;
window.WebSocket = class extends Socket {
  addEventListener(type, listener) {
    if (type !== "message") super.addEventListener(type, listener);
  }
};
"""


def test_what_no_event_told_of_is_seen_when_the_page_is_looked_at_again(queue: Queue) -> None:
    made = queue.put(1, box(10, 10, 50, 50))
    queue.page.add_init_script(_DEAF_SOCKETS)
    queue.show(1, 1)
    queue.page.wait_for_load_state("networkidle")
    change = {"version": made["version"], "label": queue.labels[1]}
    queue.client.patch(f"/api/annotations/{made['id']}", json=change).raise_for_status()
    answers: list[int] = []
    queue.page.on("response", lambda one: "/annotations?" in one.url and answers.append(one.status))
    queue.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(queue.page.locator("#objects .object")).to_contain_text(["dust"])
    assert answers == [200]


def test_undoing_a_paste_leaves_what_somebody_else_has_changed(queue: Queue) -> None:
    _copied(queue, 2)
    queue.key("Control+v")
    queue.until(lambda: len(queue.rows(1)) == 2, "the pasted objects")
    other = queue.rows(1)[0]
    path = f"/api/annotations/{other['id']}"
    change = {"version": other["version"], "label": queue.labels[1]}
    queue.client.patch(path, json=change).raise_for_status()
    expect(queue.page.locator(f'#objects [data-id="{other["id"]}"]')).to_contain_text("dust")
    queue.key("Control+z")
    expect(queue.page.get_by_text("Not all of it was undone")).to_be_visible()
    queue.until(lambda: len(queue.rows(1)) == 1, "the undone rest")
    assert queue.rows(1)[0]["id"] == other["id"]
