"""API tokens: shown once, stored hashed, limited to scopes and, where wanted, to a time."""

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models
from django.utils import timezone

_PREFIX = "sw_"


class Scope(models.TextChoices):
    """What a token may do within what its person may do. Each token may read."""

    READ = "read", "Read"
    ANNOTATE = "annotate", "Annotate"
    UPLOAD = "upload", "Upload"
    EXPORT = "export", "Export"
    MANAGE = "manage", "Manage"


def all_scopes() -> list[str]:
    return list(Scope.values)


def hash_token(secret: str) -> str:
    """SHA-256 of a token. Tokens are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self) -> "ApiTokenQuerySet":
        """Tokens that have not expired, of people who are active."""
        lasting = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(lasting, user__is_active=True)

    def of_secret(self, secret: str) -> "ApiTokenQuerySet":
        return self.filter(digest=hash_token(secret)).select_related("user")


class ApiToken(models.Model):
    """Lets a program act for a person. Revoking deletes the row; it ends at once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=all_scopes)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def note_use(self) -> None:
        """Notes the use, at most once a minute."""
        before = timezone.now() - timedelta(minutes=1)
        if self.last_used_at is not None and self.last_used_at >= before:
            return
        stale = models.Q(last_used_at=None) | models.Q(last_used_at__lt=before)
        # A database that cannot be written to at the moment can still be read.
        with suppress(DatabaseError):
            ApiToken.objects.filter(stale, pk=self.pk).update(last_used_at=timezone.now())

    @classmethod
    def issue(
        cls,
        user: Any,
        name: str,
        scopes: Iterable[str] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple["ApiToken", str]:
        """A new row and its secret, which can never be read again.

        Without `scopes` it has all of them; `read` is always among them, in the order of Scope.
        """
        wanted = set(Scope.values if scopes is None else scopes) | {Scope.READ.value}
        secret = _PREFIX + secrets.token_urlsafe(32)
        row = cls.objects.create(
            user=user,
            name=name,
            prefix=secret[:8],
            digest=hash_token(secret),
            scopes=[scope for scope in Scope.values if scope in wanted],
            expires_at=expires_at,
        )
        return row, secret
