"""Webhooks behind the API: who manages them, what is written down for them, when it is sent."""

import json
import socket
from typing import Any

import pytest
from django.db import transaction

from annotations.models import Delivery, Image, Label, Project, Webhook, now_ms
from annotations.representations.events import HookType, SentEvent, image_created
from annotations.representations.fields import represent
from annotations.services.webhooks import delivery, subscriptions
from tests.support.receiver import Web, reply, web

from .conftest import Api, error, member, outline

HOUR = 3600 * 1000
ALL = [str(each) for each in HookType]


@pytest.fixture(autouse=True)
def _ask_anew() -> None:
    subscriptions._known.forget()


@pytest.fixture
def hook(ann: Api, project: Project) -> Webhook:
    body = {"url": "https://example.com/hook", "events": ALL}
    answer = ann.send("POST", f"/api/projects/{project.pk}/webhooks", body)
    assert answer.status_code == 201, answer.content
    return Webhook.objects.get(pk=answer.json()["id"])


def told(hook: Webhook) -> list[str]:
    return list(Delivery.objects.filter(webhook=hook).order_by("id").values_list("type", flat=True))


# --- Managing --------------------------------------------------------------------------------


def test_the_secret_is_shown_once(ann: Api, project: Project):
    path = f"/api/projects/{project.pk}/webhooks"
    made = ann.send("POST", path, {"url": "https://example.com/h", "events": ["image.ready"]})
    assert made.json()["secret"].startswith("whsec_")
    (listed,) = ann.get(path).json()["items"]
    assert "secret" not in listed
    assert listed["createdBy"] == "ann"
    changed = ann.send("PATCH", f"/api/webhooks/{listed['id']}", {"events": ["job.failed"]})
    assert changed.json()["events"] == ["job.failed"]
    assert made.json()["secret"] not in changed.content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": ["image.ready"]}, "url"),
        ({"url": "https://example.com/"}, "events"),
        ({"url": "https://example.com/", "events": []}, "events"),
        ({"url": "https://example.com/", "events": ["image.gone"]}, "events.0"),
        ({"url": "https://example.com/", "events": ["ping"]}, "events.0"),
        ({"url": "ftp://example.com/", "events": ["image.ready"]}, "url"),
        ({"url": "http://u:p@example.com/", "events": ["image.ready"]}, "url"),
        ({"url": "http://127.0.0.1/", "events": ["image.ready"]}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/", "events": ["image.ready"]}, "url"),
        ({"url": "http://2130706433/", "events": ["image.ready"]}, "url"),
        ({"url": "http://169.254.169.254/", "events": ["image.ready"]}, "url"),
        ({"url": "http://example.com/\u0001", "events": ["image.ready"]}, "url"),
        ({"url": "https://example.com/" + "a" * 2000, "events": ["image.ready"]}, "url"),
        ({"url": "https://example.com/", "events": ["image.ready"], "secret": "x"}, "secret"),
    ],
)
def test_bad_webhooks_are_refused_by_field(
    ann: Api, project: Project, body: dict[str, Any], field: str
):
    answer = ann.send("POST", f"/api/projects/{project.pk}/webhooks", body)
    assert (answer.status_code, error(answer)[2]) == (422, field)
    assert not Webhook.objects.exists()


def test_a_project_has_a_bounded_number_of_webhooks(ann: Api, project: Project):
    path, body = f"/api/projects/{project.pk}/webhooks", {"url": "https://a.com/", "events": ALL}
    codes = [ann.send("POST", path, body).status_code for _ in range(subscriptions.MAX_HOOKS + 1)]
    assert codes == [201] * subscriptions.MAX_HOOKS + [409]


def test_only_owners_of_the_project_see_and_change_them(
    ann: Api, eve: Api, project: Project, hook: Webhook
):
    bob = member("bob")
    ann.send("POST", f"/api/projects/{project.pk}/members", {"username": "bob"})
    row = subscriptions.ping(hook)
    calls = [
        ("GET", f"/api/projects/{project.pk}/webhooks", None),
        ("POST", f"/api/projects/{project.pk}/webhooks", {"url": "https://a.com", "events": ALL}),
        ("PATCH", f"/api/webhooks/{hook.pk}", {"active": False}),
        ("DELETE", f"/api/webhooks/{hook.pk}", None),
        ("POST", f"/api/webhooks/{hook.pk}/test", None),
        ("GET", f"/api/webhooks/{hook.pk}/deliveries", None),
        ("POST", f"/api/deliveries/{row.pk}/retry", None),
    ]
    for method, path, body in calls:
        assert eve.send(method, path, body).status_code == 404, path
        assert bob.send(method, path, body).status_code == 403, path
        assert Api().send(method, path, body).status_code == 401, path
    assert eve.get(f"/projects/{project.pk}/webhooks/").status_code == 404
    assert bob.get(f"/projects/{project.pk}/webhooks/").status_code == 403
    assert ann.get(f"/projects/{project.pk}/webhooks/").status_code == 200
    hook.refresh_from_db()
    assert hook.active
    for path in ("/api/webhooks/999999/deliveries", f"/api/webhooks/{2**63}/deliveries"):
        assert ann.get(path).status_code in {404, 422}


def test_deleting_takes_the_log_along(ann: Api, hook: Webhook):
    subscriptions.ping(hook)
    assert ann.send("DELETE", f"/api/webhooks/{hook.pk}").status_code == 204
    assert not Delivery.objects.exists()


# --- Recording -------------------------------------------------------------------------------


def test_changes_are_written_down_for_those_who_want_them(
    ann: Api, project: Project, cat: Label, hook: Webhook, image: Image
):
    other = subscriptions.create(
        project, image.created_by, "https://b.com/", ["annotation.deleted"]
    )
    made = ann.send("POST", f"/api/images/{image.pk}/annotations", outline(label=cat.pk)).json()
    path = f"/api/annotations/{made['id']}"
    ann.send("PATCH", path, {"version": 1, "attributes": {"a": 1}})
    ann.send("DELETE", f"{path}?version=2")
    ann.send("PATCH", f"/api/images/{image.pk}", {"name": "other"})
    ann.send("DELETE", f"/api/images/{image.pk}")
    assert told(hook) == [
        "image.created", "job.completed", "image.ready", "annotation.created",
        "annotation.updated", "annotation.deleted", "image.deleted",
    ]  # fmt: skip
    assert told(other) == ["annotation.deleted"]
    body = represent(SentEvent, Delivery.objects.get(webhook=other))
    assert body["project"] == project.pk
    assert body["data"] == {
        "id": made["id"], "image": image.pk, "version": 3, "user": image.created_by_id
    }  # fmt: skip


def test_a_change_that_is_undone_is_not_told(
    project: Project, hook: Webhook, transactional_db: None
):
    from annotations import events

    with transaction.atomic():
        events.publish(project.pk, image_created(Image(pk=1)))
        assert told(hook) == ["image.created"]
        transaction.set_rollback(True)
    assert told(hook) == []


def test_a_change_survives_a_webhook_that_vanishes_meanwhile(
    ann: Api, cat: Label, hook: Webhook, image: Image
):
    subscriptions._known.of(image.project_id)
    Webhook.objects.all().delete()  # as another process does: this one remembers it
    answer = ann.send("POST", f"/api/images/{image.pk}/annotations", outline(label=cat.pk))
    assert answer.status_code == 201
    assert subscriptions.prune() >= 1
    assert not Delivery.objects.exists()


def test_without_webhooks_a_save_asks_nothing_more(
    ann: Api, cat: Label, image: Image, django_assert_num_queries: Any
):
    subscriptions._known.of(image.project_id)
    with django_assert_num_queries(0):
        subscriptions.record(image.project_id, image_created(image))


# --- Sending ---------------------------------------------------------------------------------


@pytest.fixture
def receiver(settings: Any, hook: Webhook):
    with web(reply(b"thanks", "200 OK")) as server:
        settings.SEGWEB_FETCH_ALLOW = [f"127.0.0.1:{server.port}"]
        Webhook.objects.update(url=f"{server.url}/hook?x=1")
        yield server


def answering(server: Web, status: str, body: bytes = b"") -> None:
    server.answer_with(reply(body, status))


def test_a_delivery_is_signed_and_stored_with_its_answer(hook: Webhook, receiver: Web):
    row = subscriptions.ping(hook)
    assert delivery.send_next(hook.pk)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.status_code) == ("delivered", 1, 200)
    assert row.response == "thanks"
    head, _, body = receiver.seen[0].partition("\r\n\r\n")
    assert head.startswith("POST /hook?x=1 HTTP/1.1\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert json.loads(body) == represent(SentEvent, row)
    assert headers["X-Segweb-Delivery"] == str(row.event) == json.loads(body)["id"]
    stamp = int(headers["X-Segweb-Signature"].split(",")[0].removeprefix("t="))
    assert abs(stamp - now_ms()) < 60_000
    expected = delivery.signature(hook.secret, stamp, body.encode())
    assert headers["X-Segweb-Signature"] == expected
    assert not delivery.send_next(hook.pk)


def test_a_failed_delivery_waits_longer_each_time_and_gives_up(hook: Webhook, receiver: Web):
    answering(receiver, "500 Internal Server Error", b"\x00boom\xff" * 1000)
    row = Delivery.objects.create(webhook=hook, type="image.ready", data={"id": 1})
    waits = []
    for attempt in range(1, 9):
        assert not delivery.send_next(hook.pk)
        row.refresh_from_db()
        assert (row.attempts, row.status_code) == (attempt, 500)
        waits.append((row.next_ms - now_ms()) / 1000)
        Delivery.objects.update(next_ms=now_ms())
    assert row.status == "failed"
    assert "\x00" not in row.response
    assert len(row.response) <= 500
    assert "500" in row.error
    for wait, expected in zip(waits[:7], (10, 60, 360, 2160, 12960, 28800, 28800), strict=True):
        assert 0.75 * expected < wait < 1.25 * expected
    assert len({line for seen in receiver.seen for line in seen.split("\r\n")
                if line.startswith("X-Segweb-Delivery")}) == 1  # fmt: skip


def test_a_failing_delivery_does_not_hold_up_the_next(hook: Webhook, receiver: Web):
    answering(receiver, "503 No")
    first, second = subscriptions.ping(hook), subscriptions.ping(hook)
    Delivery.objects.update(most_attempts=8)
    delivery.send_next(hook.pk)
    answering(receiver, "204 No Content")
    assert delivery.send_next(hook.pk)
    second.refresh_from_db()
    first.refresh_from_db()
    assert (first.status, second.status) == ("waiting", "delivered")


def test_a_dead_webhook_is_switched_off_after_a_day_and_told(
    ann: Api, hook: Webhook, receiver: Web
):
    answering(receiver, "410 Gone")
    for _ in range(8):
        Delivery.objects.create(webhook=hook, type="image.ready")
        delivery.send_next(hook.pk)
    hook.refresh_from_db()
    assert hook.active
    assert hook.failures == 8
    Webhook.objects.update(failing_ms=now_ms() - 25 * HOUR)
    Delivery.objects.create(webhook=hook, type="image.ready")
    delivery.send_next(hook.pk)
    hook.refresh_from_db()
    assert not hook.active
    assert "410" in hook.stopped
    row = Delivery.objects.filter(webhook=hook).first()
    assert error(ann.send("POST", f"/api/deliveries/{row.pk}/retry"))[:2] == (409, "webhook_off")
    answer = ann.send("PATCH", f"/api/webhooks/{hook.pk}", {"active": True}).json()
    assert (answer["stopped"], answer["failures"], answer["failingTime"]) == (None, 0, None)


def test_a_success_forgets_earlier_failures(hook: Webhook, receiver: Web):
    Webhook.objects.update(failures=7, failing_ms=now_ms() - 25 * HOUR)
    Delivery.objects.create(webhook=hook, type="image.ready")
    delivery.send_next(hook.pk)
    hook.refresh_from_db()
    assert (hook.active, hook.failures, hook.failing_ms) == (True, 0, None)


def test_a_settled_delivery_can_be_sent_again_under_its_id(ann: Api, hook: Webhook, receiver: Web):
    row = subscriptions.ping(hook)
    delivery.send_next(hook.pk)
    answer = ann.send("POST", f"/api/deliveries/{row.pk}/retry")
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    assert delivery.send_next(hook.pk)
    assert len(receiver.seen) == 2
    assert len({seen.partition("\r\n\r\n")[2] for seen in receiver.seen}) == 1


def test_a_sender_that_died_leaves_its_delivery_to_the_next(ann: Api, hook: Webhook, receiver: Web):
    row = subscriptions.ping(hook)
    assert delivery._claim(row)
    assert not delivery.send_next(hook.pk)
    assert error(ann.send("POST", f"/api/deliveries/{row.pk}/retry"))[:2] == (409, "being_sent")
    Delivery.objects.update(next_ms=now_ms())  # its lease ran out
    assert delivery.send_next(hook.pk)
    delivery._store(row, status="failed")  # the dead one wakes up: its word counts no more
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("delivered", 2)


def test_nothing_is_sent_inside_and_no_redirect_followed(
    settings: Any, hook: Webhook, receiver: Web
):
    row = subscriptions.ping(hook)
    with web(reply()) as inner:
        receiver.answer_with(reply(b"", "302 Found", Location=f"{inner.url}/"))
        delivery.send_next(hook.pk)
        row.refresh_from_db()
        assert (row.status, row.status_code) == ("failed", 302)
        settings.SEGWEB_FETCH_ALLOW = []
        refused = subscriptions.ping(hook)
        delivery.send_next(hook.pk)
        refused.refresh_from_db()
        assert refused.error == "The address cannot be reached, or is not allowed here."
        assert (len(receiver.seen), inner.seen) == (1, [])


def test_an_endless_answer_is_read_to_a_bound(hook: Webhook, receiver: Web):
    def endless(_request: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    receiver.answer_with(endless)
    row = subscriptions.ping(hook)
    assert delivery.send_next(hook.pk)
    row.refresh_from_db()
    assert (row.status, len(row.response)) == ("delivered", 500)


def test_the_log_is_kept_for_a_week(hook: Webhook):
    old, new = subscriptions.ping(hook), subscriptions.ping(hook)
    Delivery.objects.filter(pk=old.pk).update(created_ms=now_ms() - 8 * 24 * HOUR)
    subscriptions.prune()
    assert list(Delivery.objects.values_list("pk", flat=True)) == [new.pk]
