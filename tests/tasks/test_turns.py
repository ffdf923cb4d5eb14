"""Who computes an embedding: one worker at a time, whatever happens to it."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, connections

from annotations.domain.prompts import Point, Prompts
from annotations.models import Embedding, Image, Job, Project, now_ms
from annotations.services.embeddings import compute, eviction
from annotations.services.embeddings import leases as content_leases
from annotations.services.errors import ServiceError
from annotations.services.inference import engine
from annotations.services.jobs import leases, lifecycle
from annotations.services.segmentation import prompt_masks
from tests.support.pictures import png
from tests.support.server import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    leases.forget()  # a thread that another test started knows another length
    return Project.objects.create(name="P")


@pytest.fixture
def short_leases(settings: Any) -> None:
    settings.SEGWEB_JOB_LEASE_SECONDS = 2


def image(project: Project, number: int) -> Image:
    """A prepared image; another number is another content."""
    data = png(seed=number)
    key = default_storage.save("originals/turns.png", ContentFile(data))
    return Image.objects.create(
        project=project, name="a", sha256=f"{number:064d}", width=40, height=30, bytes=len(data),
        mime_type="image/png", original=key, state="ready",
    )  # fmt: skip


def embed(job: Job | None) -> None:
    assert job is not None
    lifecycle.run(job.pk)


def held() -> list[object]:
    """What this process renews the leases of."""
    return list(leases._leases._held)


def silent() -> None:
    """As if the worker that computes had gone some time ago."""
    Embedding.objects.update(lease_ms=now_ms() - 1)


def test_only_one_worker_computes_a_content(project: Project) -> None:
    one = image(project, 1)
    first = content_leases.take(one)
    assert first is not None
    assert content_leases.take(one) is None
    silent()
    second = content_leases.take(one)
    assert second is not None, "its worker went silent"
    first.close()
    assert content_leases.take(one) is None, "that was another's"
    second.close()
    third = content_leases.take(one)
    assert third is not None
    alone = content_leases.take(one, alone=True)
    assert alone is not None
    alone.close()
    third.close()
    assert held() == []


def test_a_lease_lasts_for_as_long_as_the_computing(project: Project) -> None:
    one = image(project, 1)
    lease = content_leases.take(one)
    assert lease is not None
    silent()
    lease.renew(15)  # another may have it by now
    assert Embedding.objects.get().lease_ms < now_ms()
    lease.close()
    lease = content_leases.take(one)
    assert lease is not None
    for _ in range(3):
        lease.renew(15)
    assert content_leases.take(one) is None
    lease.close()
    lease.renew(15)
    assert Embedding.objects.get().lease_ms == 0


@pytest.mark.usefixtures("short_leases")
def test_a_slow_encoder_computes_a_content_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, same = image(project, 1), image(Project.objects.create(name="Q"), 1)
    seen: list[Sequence[Any]] = []
    fake = engine.current()
    begun, goes_on = threading.Event(), threading.Event()

    class Slow:
        batch = 1
        description = fake.description

        def embed(self, pictures: Sequence[Any], sizes: Sequence[Any]) -> Any:
            seen.append(pictures)
            begun.set()
            goes_on.wait(30)
            return fake.embed(pictures, sizes)

    monkeypatch.setattr(engine, "current", Slow)
    job = compute.request(one)

    def batch() -> None:
        embed(job)
        connections.close_all()

    worker = threading.Thread(target=batch)
    worker.start()
    assert begun.wait(30)
    first = Embedding.objects.get().lease_ms
    wait_until(lambda: Embedding.objects.get().lease_ms >= first + 2000, 30, what="renewing")
    assert content_leases.take(same) is None
    goes_on.set()
    worker.join()
    assert len(seen) == 1
    assert Embedding.objects.get().status == "ready"
    assert held() == []


def test_who_cannot_say_that_it_begins_holds_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = image(project, 1)

    def away(*_: Any) -> None:
        raise OperationalError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(eviction, "publish", away)
        with pytest.raises(OperationalError):
            content_leases.take(one)
    assert held() == []
    lease = content_leases.take(one)
    assert lease is not None
    lease.close()


def test_a_click_on_an_image_that_goes_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = image(project, 1)
    written = compute.written

    def slow(*args: Any) -> Embedding:
        Image.objects.filter(pk=one.pk).delete()
        return written(*args)

    monkeypatch.setattr(compute, "written", slow)
    with pytest.raises(ServiceError, match="deleted"):
        compute.ensure(one)
    assert not Embedding.objects.exists()
    assert held() == []


def test_a_run_that_breaks_off_holds_nothing_any_more(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [compute.request(image(project, number)) for number in range(4)]
    claim_more, asked = lifecycle.claim_more, []

    def busy(like: Job, most: int) -> list[Job]:
        asked.append(most)
        if len(asked) == 2:
            raise OperationalError("database is locked")
        return claim_more(like, most)

    with monkeypatch.context() as patched:
        patched.setattr(lifecycle, "claim_more", busy)
        with pytest.raises(OperationalError):
            embed(made[0])
    assert held() == []
    assert not Embedding.objects.filter(lease_ms__gt=now_ms()).exists()
    # What it had taken is given to another worker as soon as its lease runs out.
    running = Job.objects.filter(status="Running")
    assert running.count() > 0
    for job in list(running):
        job.status = "Queued"
        job.save()
        embed(job)
    assert not Job.objects.filter(status="Running").exists()


def test_a_job_whose_image_goes_while_it_is_claimed_is_none(project: Project) -> None:
    one = image(project, 1)
    job = compute.request(one)
    assert job is not None

    def delete_after(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if sql.startswith("UPDATE"):
            somebody = threading.Thread(target=delete)
            somebody.start()
            somebody.join()
        return done

    def delete() -> None:
        Image.objects.filter(pk=one.pk).delete()
        connections.close_all()

    with connection.execute_wrapper(delete_after):
        assert lifecycle.claim(job.pk) is None
    assert not Job.objects.exists()


def test_nobody_waits_long_with_a_worker_for_another_ones_embedding(project: Project) -> None:
    one, same = image(project, 1), image(Project.objects.create(name="Q"), 1)
    other = content_leases.take(one)  # a large batch on a GPU, say
    assert other is not None
    opened = compute.request(same, urgent=True)
    begin = time.monotonic()
    embed(opened)
    waited = time.monotonic() - begin
    assert opened is not None
    opened.refresh_from_db()
    assert opened.status == "Queued", "it comes again"
    assert waited >= compute.PATIENCE
    click = prompt_masks.request(same, None, Prompts((Point(1, 1, 1),)), multimask=True)
    lifecycle.run(click.pk)
    click.refresh_from_db()
    assert click.status == "Queued"
    other.close()
    embed(opened)
    lifecycle.run(click.pk)
    for job in (opened, click):
        job.refresh_from_db()
        assert job.status == "Completed"
