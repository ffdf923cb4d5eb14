"""Rows that own files take them along, whoever deletes them: API, admin or a cascade."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete
from django.dispatch import receiver

from . import events
from .models import Image, Job, Membership, SourceFile, StoredFile
from .representations.events import image_deleted
from .services.embeddings import eviction
from .services.storage import files


@receiver(post_delete, sender=Image)
def image_gone(instance: Image, **_: Any) -> None:
    files.delete_files_on_commit(instance.files)
    eviction.drop_unheld_of([instance.sha256])
    events.publish(instance.project_id, image_deleted(instance))


@receiver(post_delete, sender=Job)
def job_gone(instance: Job, **_: Any) -> None:
    files.delete_files_on_commit([instance.file])


@receiver(post_delete, sender=StoredFile)
def stored_file_gone(instance: StoredFile, **_: Any) -> None:
    files.delete_files_on_commit([instance.file])


@receiver(post_delete, sender=SourceFile)
def source_gone(instance: SourceFile, **_: Any) -> None:
    files.delete_files_on_commit(instance.part_keys)


@receiver(post_delete, sender=Membership)
def membership_gone(instance: Membership, **_: Any) -> None:
    events.recheck(instance.user_id)


@receiver(user_logged_out)
def signed_out(user: Any, **_: Any) -> None:
    if user is not None:
        events.recheck(user.pk)
