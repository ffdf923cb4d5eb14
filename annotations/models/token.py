"""API tokens: shown once, stored hashed."""

import hashlib
import secrets

from django.conf import settings
from django.db import models

_PREFIX = "sw_"


def hash_token(secret: str) -> str:
    """SHA-256 of a token. Tokens are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """Lets a program act for a person. Revoking deletes the row; it ends at once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, user: models.Model, name: str) -> tuple["ApiToken", str]:
        """A new row and its secret, which can never be read again."""
        secret = _PREFIX + secrets.token_urlsafe(32)
        row = cls.objects.create(user=user, name=name, prefix=secret[:8], digest=hash_token(secret))
        return row, secret
