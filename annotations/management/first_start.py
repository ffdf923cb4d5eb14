"""The first start: an administrator, and a demo project to try the tool on."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import transaction

from annotations.models import Project
from annotations.services.images import upload
from annotations.services.projects import projects

DEMO_NAME = "Demo: cut something out"
DEMO_LABELS = (("thing", None), ("animal", None), ("person", None))


def make_admin() -> tuple[str, str] | None:
    """Makes the administrator while there is none: (name, password), the password empty when
    it came from the environment. None when there is an administrator already."""
    users: Any = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    name, given = settings.SEGWEB_ADMIN_USER, settings.SEGWEB_ADMIN_PASSWORD
    password = given or secrets.token_urlsafe(12)
    users.create_superuser(name, f"{name}@localhost", password)
    return name, "" if given else password


def make_demo() -> None:
    """Makes the demo project for the administrator at the first start, if wanted."""
    if not settings.SEGWEB_DEMO or Project.objects.exists():
        return
    admin = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
    photos = sorted((Path(settings.BASE_DIR) / "static" / "demo").glob("*.jpg"))
    if admin is None or not photos:
        return
    with transaction.atomic():
        project = projects.create(admin, DEMO_NAME, DEMO_LABELS)
        for photo in photos:
            file = ContentFile(photo.read_bytes(), name=photo.name)
            upload.accept(project, admin, photo.name, file)
