"""The store of embeddings: what is kept in memory, what counts as used, which go first."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from annotations.engines.base import Description
from annotations.engines.base import Embedding as Arrays
from annotations.engines.embedding_codec import BadEmbedding
from annotations.engines.mobile_sam.shapes import FRAME
from annotations.models import Embedding, Image, Job, Project
from annotations.services.embeddings import compute, eviction, files, rebuild
from annotations.services.embeddings import leases as content_leases
from annotations.services.jobs import lifecycle

pytestmark = pytest.mark.django_db(transaction=True)


def arrays(seed: int = 0, model: str = "fake") -> Arrays:
    values = np.random.default_rng(seed).normal(size=(256, 64, 64)).astype(np.float32)
    return Arrays(Description(model, 1), values, FRAME.of(40, 30))


def stored(number: int, *, model: str = "fake", hours: float = 0) -> Embedding:
    """A ready embedding that was used so many hours ago."""
    key, size = files.write(arrays(number, model))
    return Embedding.objects.create(
        sha256=f"{number:064d}", model=model, version=1, status="ready", file=key, bytes=size,
        used_at=timezone.now() - timedelta(hours=hours),
    )  # fmt: skip


def image(number: int, project: Project | None = None) -> Image:
    return Image.objects.create(
        project=project or Project.objects.create(name="P"), name="a", sha256=f"{number:064d}",
        width=40, height=30, bytes=1, mime_type="image/png", original="originals/none.png",
        state="ready",
    )  # fmt: skip


def left() -> set[int]:
    return {int(sha256) for sha256 in Embedding.objects.values_list("sha256", flat=True)}


# --- Memory -------------------------------------------------------------------------------------


def test_memory_holds_what_was_read_last_up_to_its_bytes() -> None:
    keys = [stored(n).file for n in range(4)]
    memory = files.Cache(2 * arrays().values.nbytes)
    first, second = memory.get(keys[0]), memory.get(keys[1])
    assert memory.get(keys[0]) is first
    third = memory.get(keys[2])  # pushes out the second, which was read longest ago
    assert memory.get(keys[0]) is first
    assert memory.get(keys[2]) is third
    assert memory.get(keys[1]) is not second
    np.testing.assert_array_equal(memory.get(keys[1]).values, second.values)


def test_memory_of_no_bytes_still_reads() -> None:
    key = stored(1).file
    memory = files.Cache(0)
    assert memory.get(key) is not memory.get(key)


def test_memory_tells_what_is_gone_and_what_is_damaged() -> None:
    row = stored(1)
    with default_storage.open(row.file, "wb") as file:
        file.write(b"\x1f\x8b")
    with pytest.raises(BadEmbedding):
        files.Cache(10**9).get(row.file)
    default_storage.delete(row.file)
    with pytest.raises(FileNotFoundError):
        files.Cache(10**9).get(row.file)


# --- Use and room ---------------------------------------------------------------------------------


def test_use_is_noted_once_an_hour(django_assert_num_queries) -> None:
    row = stored(1, hours=0.9)
    with django_assert_num_queries(0):
        files.touch(row)
    old = stored(2, hours=1.1)
    with django_assert_num_queries(1):
        files.touch(old)
        files.touch(old)
    old.refresh_from_db()
    assert timezone.now() - old.used_at < timedelta(seconds=10)


def test_other_models_go_first_then_the_least_used() -> None:
    each = stored(1, hours=5).bytes
    stored(2, hours=1)
    stored(3, hours=9)
    stored(4, model="old", hours=0)
    stored(5, hours=0)
    limit = 3 * each + each // 2
    assert eviction.evict(limit) == 2
    assert left() == {1, 2, 5}
    assert eviction.evict(limit) == 0
    assert eviction.evict(1) == 2
    assert left() == {5}, "the last one stays"
    assert eviction.evict(0) == 0


def test_files_go_with_their_rows() -> None:
    rows = [stored(n, hours=n) for n in range(3)]
    eviction.evict(1)
    assert [default_storage.exists(row.file) for row in rows] == [True, False, False]


def test_what_was_made_anew_meanwhile_is_not_forgotten() -> None:
    row = stored(1)
    key, _ = files.write(arrays(2))
    Embedding.objects.filter(pk=row.pk).update(file=key)
    assert not eviction.forget(row)
    assert left() == {1}


# --- The batch ------------------------------------------------------------------------------------


def test_who_opens_it_moves_the_job_that_waits() -> None:
    one = image(1)
    batch = compute.request(one)
    assert batch is not None
    assert batch.queue == "batch"
    urgent = compute.request(one, urgent=True)
    assert urgent is not None
    assert (urgent.pk, urgent.queue) == (batch.pk, "interactive")
    assert Job.objects.get(pk=batch.pk).queue == "interactive"
    assert Job.objects.count() == 1


def test_a_batch_takes_what_waits_but_not_what_was_started_before() -> None:
    project = Project.objects.create(name="P")
    made = [compute.request(image(n, project)) for n in range(5)]
    first = lifecycle.claim(made[0].pk)
    Job.objects.filter(pk=made[1].pk).update(start_ms=1)
    lifecycle.prioritize(made[2])
    assert [job.pk for job in lifecycle.claim_more(first, 9)] == [made[3].pk, made[4].pk]
    assert lifecycle.claim_more(first, 9) == []


# --- Another model --------------------------------------------------------------------------------


def test_what_another_model_embedded_is_queued_a_few_at_a_time() -> None:
    project = Project.objects.create(name="P")
    for number in range(12):
        image(number, project)
        stored(number, model="old", hours=number)
    image(50, project)  # nobody embedded it: it is made when it is opened
    assert rebuild.refill()
    asked = list(Job.objects.order_by("id").values_list("image__sha256", "queue"))
    assert [(int(sha256), queue) for sha256, queue in asked] == [(n, "batch") for n in range(4)]
    assert rebuild.refill(), "there is more, later"
    assert Job.objects.count() == 4
    _all_done()
    rebuild.refill()
    assert Job.objects.count() == 8
    _all_done()
    rebuild.refill()
    _all_done()
    assert Job.objects.count() == 12
    assert not rebuild.refill()


def _all_done() -> None:
    Job.objects.update(status="Completed")
    Embedding.objects.update(status="ready")


@pytest.mark.parametrize("renew", [rebuild.refill, rebuild.rebuild])
@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_content_whose_job_went_with_one_of_its_images_is_asked_for_again(
    renew: Callable[[], object], status: str
) -> None:
    first, second = image(1), image(1)
    assert compute.request(first) is not None
    Embedding.objects.update(status=status)
    renew()
    assert not second.jobs.exists(), "one job does it for both"
    first.delete()
    renew()
    (job,) = Job.objects.all()
    assert (job.kind, job.image, job.queue) == ("embed", second, "batch")


def test_what_a_worker_is_at_without_a_job_is_not_asked_for() -> None:
    lease = content_leases.take(image(1))  # for a click
    assert lease is not None
    assert not rebuild.refill()
    lease.close()
    assert rebuild.refill()


def test_embeddings_that_no_image_holds_go() -> None:
    image(1)
    rows = [stored(1), stored(2)]
    assert eviction.drop_unheld() == 1
    assert left() == {1}
    assert [default_storage.exists(row.file) for row in rows] == [True, False]
