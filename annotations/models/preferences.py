"""What a person has set for themselves, the same wherever they sign in."""

from django.conf import settings
from django.db import models


class Preferences(models.Model):
    """One row for each person who changed something. `keys` holds the keys that they gave to
    actions of the annotate page: `{action: [key, …]}`; actions that are missing keep theirs."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preferences"
    )
    keys = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"Preferences of {self.user}"
