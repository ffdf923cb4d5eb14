"""What people set for themselves."""

from typing import Any

from ...models import Preferences
from ..errors import Invalid


def keys_of(user: Any) -> dict[str, list[str]]:
    """The keys that the person gave to actions; empty when all are as they were."""
    row = Preferences.objects.filter(pk=user.pk).first()
    return {} if row is None else dict(row.keys)


def set_keys(user: Any, keys: dict[str, list[str]]) -> dict[str, list[str]]:
    """Replaces the person's keys. Raises Invalid when one key is given to two actions."""
    owner: dict[str, str] = {}
    for action, given in keys.items():
        for key in given:
            other = owner.setdefault(key, action)
            if other != action:
                text = f"{key} is given to '{other}' already; a key does one thing."
                raise Invalid("key_taken", text, f"keys.{action}")
    Preferences.objects.update_or_create(pk=user.pk, defaults={"keys": keys})
    return keys
