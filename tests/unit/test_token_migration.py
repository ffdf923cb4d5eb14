"""Tokens that are older than scopes keep doing what they did."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from annotations.models import ApiToken, Scope, hash_token


def migrate(name: str) -> Any:
    """The models as they are after the application's migration `name`."""
    executor = MigrationExecutor(connection)
    target = ("annotations", name)
    executor.migrate([target])
    others = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "auth"]
    return executor.loader.project_state([target, *others]).apps


@pytest.mark.django_db(transaction=True)
def test_old_tokens_have_all_scopes_and_no_end() -> None:
    """Downgraded to the first migration, a token is made; then everything is applied again."""
    apps = migrate("0001_initial")
    try:
        user = apps.get_model("auth", "User").objects.create(username="ann")
        old = apps.get_model("annotations", "ApiToken")
        old.objects.create(user=user, name="old", prefix="sw_old", digest=hash_token("sw_old"))
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    row = ApiToken.objects.live().of_secret("sw_old").get()
    assert row.scopes == list(Scope.values)
    assert row.expires_at is None
