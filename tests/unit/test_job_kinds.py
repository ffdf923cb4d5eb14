"""Each kind of job is declared once, and all who depend on it read that."""

from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from annotations import tasks
from annotations.models import Job, Membership, Project
from annotations.services.jobs import lifecycle, registry
from segweb.supervisor import plan
from segweb.supervisor.options import parse

DECODING = {"prepare", "colour", "regions", "pyramid"}


def test_every_kind_has_a_handler_and_a_title_of_its_own() -> None:
    handlers = registry.handlers()
    assert [handler.kind for handler in handlers] == list(Job.Kind)
    assert len({handler.title for handler in handlers}) == len(handlers)


def test_the_supervisor_starts_a_worker_for_each_queue() -> None:
    started = [spec.command for spec in plan.workers(parse([], {}), {})]
    queues = ",".join(words[words.index("--queues") + 1] for words in started).split(",")
    assert sorted(queues) == sorted(Job.Queue.values)
    assert {handler.queue for handler in registry.handlers()} == set(Job.Queue)


@pytest.mark.parametrize("kind", Job.Kind.values)
def test_a_message_names_the_one_task_and_has_the_limits_of_its_kind(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        current_app._get_current_object(),
        "send_task",
        lambda *args, **more: sent.append((args, more)),
    )
    assert lifecycle.deliver(Job(pk=7, kind=kind, queue="io"))
    (((name,), fields),) = sent
    assert (name, fields["args"], fields["queue"]) == (tasks.run.name, [7], "io")
    soft = settings.SEGWEB_DECODE_SECONDS
    wanted = (soft, soft + 10) if kind in DECODING else (None, None)
    assert (fields["soft_time_limit"], fields["time_limit"]) == wanted


@pytest.mark.parametrize("kind", Job.Kind.values)
def test_messages_from_before_an_upgrade_are_done_within_the_same_limits(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = current_app.tasks[f"annotations.tasks.{kind}"]
    handler = registry.handler_of(kind)
    assert (former.soft_time_limit, former.time_limit) == (
        handler.soft_seconds, handler.hard_seconds,
    )  # fmt: skip
    done: list[int] = []
    monkeypatch.setattr(lifecycle, "run", done.append)
    former(7)
    tasks.run(8)
    assert done == [7, 8]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "activity"),
    [
        ("prepare", "Decoding the image"),
        ("colour", "Segmenting the picture"),
        ("regions", "Segmenting the picture"),
        ("pyramid", "Cutting the image into tiles"),
    ],
)
def test_work_that_takes_too_long_fails_in_words(kind: str, activity: str) -> None:
    def work(job: Job) -> None:
        raise SoftTimeLimitExceeded

    job = lifecycle.claim(lifecycle.create(Job.Kind(kind), project=None).pk)
    assert job is not None
    lifecycle.execute(job, work)
    job.refresh_from_db()
    seconds = settings.SEGWEB_DECODE_SECONDS
    assert (job.status, job.error_code) == ("Failed", "too_slow")
    assert job.error_message == f"{activity} took longer than {seconds} seconds."


@pytest.mark.django_db
def test_the_page_and_the_admin_name_the_kinds_as_they_are_declared(admin_client: Client) -> None:
    project = Project.objects.create(name="P")
    user = get_user_model().objects.get(username="admin")
    Membership.objects.create(project=project, user=user, role="owner")
    lifecycle.create(Job.Kind.COLOUR, project=None)
    page = admin_client.get(f"/projects/{project.pk}/jobs/").content.decode()
    table = admin_client.get("/admin/annotations/job/").content.decode()
    for handler in registry.handlers():
        option = f'<option value="{handler.kind}">{handler.title}</option>'
        assert (option in page) == handler.of_project
        assert f'href="?kind={handler.kind}"' in table
        assert handler.title in table
    assert "Colour clusters of a picture" in table
    assert admin_client.get("/admin/annotations/job/?kind=embed").context["cl"].result_count == 0
