"""Tokens: scopes, expiry, and that none can make itself stronger."""

import io
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from annotations.models import ApiToken
from tests.api.conftest import Api, error
from tests.api.test_access import UNSAFE, everything, ids, send

pytestmark = pytest.mark.django_db

SCOPES = ["read", "annotate", "upload", "export", "manage"]
DAY = 86_400_000

__all__ = ["ids"]


def now() -> int:
    return int(time.time() * 1000)


def script(secret: str) -> Api:
    """A client that shows a token and nothing else."""
    return Api(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})


def token(maker: Api, *scopes: str, **more: Any) -> Api:
    body = {"name": "t", "scopes": list(scopes), **more}
    answer = maker.send("POST", "/api/tokens", body)
    assert answer.status_code == 201, answer.content
    return script(answer.json()["token"])


def scopes_of_operations() -> dict[tuple[str, str], str]:
    """The scope that the document says each operation needs."""
    found = {}
    for path, methods in Client().get("/api/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            assert operation["security"][1] == {"session": []}
            (found[method, path],) = operation["security"][0]["token"]
    return found


# --- Scopes ------------------------------------------------------------------------------------


def test_a_token_that_may_only_read_changes_nothing(ann: Api, ids: dict[str, Any]) -> None:
    reader = token(ann, "read")
    before = everything()[:4], set(ApiToken.objects.values_list("pk", flat=True))
    refused = 0
    for (method, path), scope in scopes_of_operations().items():
        answer = send(reader, method, path, ids)
        if method in UNSAFE:
            assert error(answer)[:2] == (403, "insufficient_scope"), (method, path)
            assert f"'{scope}'" in answer.json()["error"]["message"]
            refused += 1
        else:
            assert scope == "read"
            assert answer.status_code < 300 or answer.status_code == 404, (method, path)
    assert refused >= 15
    assert (everything()[:4], set(ApiToken.objects.values_list("pk", flat=True))) == before


@pytest.mark.parametrize("scope", SCOPES[1:])
def test_each_scope_opens_its_operations_and_no_others(
    ann: Api, ids: dict[str, Any], scope: str
) -> None:
    """All others together do not open them; it alone (with reading) does."""
    without = token(ann, *[name for name in SCOPES if name != scope])
    alone = token(ann, scope)
    needing = [where for where, needed in scopes_of_operations().items() if needed == scope]
    assert needing
    for method, path in needing:
        assert error(send(without, method, path, ids))[:2] == (403, "insufficient_scope")
    # What deletes comes last, or there is nothing left to change.
    for method, path in sorted(needing, key=lambda one: (one[0] == "delete", -len(one[1]))):
        answer = send(alone, method, path, ids)
        assert answer.status_code != 403, (method, path, answer.content)


def test_what_a_scope_is_for(ann: Api) -> None:
    needed = scopes_of_operations()
    assert needed["post", "/api/images/{image_id}/annotations"] == "annotate"
    assert needed["post", "/api/images/{image_id}/segment"] == "annotate"
    assert needed["post", "/api/projects/{project_id}/images"] == "upload"
    assert needed["post", "/api/projects/{project_id}/exports"] == "export"
    for where in ("/api/projects", "/api/tokens", "/api/projects/{project_id}/labels"):
        assert needed["post", where] == "manage"
    assert needed["delete", "/api/images/{image_id}"] == "manage"


def test_left_out_means_all_and_reading_is_always_there(ann: Api) -> None:
    made = ann.send("POST", "/api/tokens", {"name": "t"}).json()
    assert (made["scopes"], made["expiresTime"]) == (SCOPES, None)
    made = ann.send("POST", "/api/tokens", {"name": "t", "scopes": ["export"]}).json()
    assert made["scopes"] == ["read", "export"]
    made = ann.send("POST", "/api/tokens", {"name": "t", "scopes": []}).json()
    assert made["scopes"] == ["read"]
    listed = ann.get("/api/tokens").json()["items"]
    assert [row["scopes"] for row in listed] == [["read"], ["read", "export"], SCOPES]
    assert all("token" not in row and "digest" not in row for row in listed)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["admin"]}, "scopes.0"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": ["read"] * 21}, "scopes"),
        ({"scopes": [["read"]]}, "scopes.0"),
        ({"expiresTime": 1}, "expiresTime"),
        ({"expiresTime": 1_700_000_000}, "expiresTime"),
        ({"expiresTime": "2030-01-01"}, "expiresTime"),
        ({"expiresTime": 2**53}, "expiresTime"),
        ({"expiresTime": 2**60}, "expiresTime"),
        ({"expiresTime": -5}, "expiresTime"),
        ({"expiresTime": True}, "expiresTime"),
        ({"expires": 1}, "expires"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_a_bad_request_names_its_field(ann: Api, body: dict[str, Any], field: str) -> None:
    answer = ann.send("POST", "/api/tokens", {"name": "t", **body})
    assert error(answer)[0::2] == (422, field)
    assert not ApiToken.objects.exists()


# --- Expiry ------------------------------------------------------------------------------------


def test_an_expired_token_ends_at_once(ann: Api) -> None:
    expires = now() + DAY
    client = token(ann, "read", expiresTime=expires)
    assert client.get("/api/me").status_code == 200
    (row,) = ann.get("/api/tokens").json()["items"]
    assert row["expiresTime"] == expires
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(milliseconds=1))
    answer = client.get("/api/me")
    assert error(answer)[:2] == (401, "unauthenticated")
    assert "expired" in answer.json()["error"]["message"]
    assert answer["WWW-Authenticate"] == "Bearer"
    assert len(ann.get("/api/tokens").json()["items"]) == 1, "it stays in the list"


# --- No token is stronger than its maker -------------------------------------------------------


def test_a_token_gives_its_own_scopes_at_most(ann: Api) -> None:
    maker = token(ann, "manage", "export")
    for scopes in (["annotate"], ["export", "upload"], SCOPES):
        answer = maker.send("POST", "/api/tokens", {"name": "t", "scopes": scopes})
        assert error(answer) == (403, "stronger_token", "scopes")
    made = maker.send("POST", "/api/tokens", {"name": "t"})
    assert made.json()["scopes"] == ["read", "export", "manage"]
    made = maker.send("POST", "/api/tokens", {"name": "t", "scopes": ["export"]})
    assert made.json()["scopes"] == ["read", "export"]
    for scopes in (["read"], ["export"], ["annotate", "upload", "export"]):
        answer = token(ann, *scopes).send("POST", "/api/tokens", {"name": "t", "scopes": []})
        assert error(answer)[:2] == (403, "insufficient_scope")


def test_a_token_makes_none_that_outlives_it(ann: Api) -> None:
    expires = now() + DAY
    maker = token(ann, *SCOPES, expiresTime=expires)
    answer = maker.send("POST", "/api/tokens", {"name": "t", "expiresTime": expires + 1})
    assert error(answer) == (403, "stronger_token", "expiresTime")
    for body in ({}, {"expiresTime": None}):
        made = maker.send("POST", "/api/tokens", {"name": "t", **body}).json()
        assert made["expiresTime"] == expires
    sooner = maker.send("POST", "/api/tokens", {"name": "t", "expiresTime": expires - 1})
    assert sooner.json()["expiresTime"] == expires - 1


def test_a_token_does_not_change_itself(ann: Api, ids: dict[str, Any]) -> None:
    """There is no call that changes a token, by any method."""
    for method in ("PUT", "PATCH", "POST"):
        path = f"/api/tokens/{ids['token_id']}"
        assert ann.send(method, path, {"scopes": SCOPES}).status_code == 405


# --- The command -------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_makes_limited_tokens(ann: Api) -> None:
    secret = command("ann", "nightly", "--scopes", "read,export", "--expires", "2999-12-31")
    assert script(secret).get("/api/me").json()["username"] == "ann"
    (row,) = ann.get("/api/tokens").json()["items"]
    assert (row["name"], row["scopes"]) == ("nightly", ["read", "export"])
    assert row["expiresTime"] == 32_503_593_600_000
    assert script(command("ann", "all")).send("POST", "/api/projects", {"name": "x"}).json()["id"]
    assert ann.get("/api/tokens").json()["items"][0]["expiresTime"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scopes", "root"], "scopes: There is no scope 'root'"),
        (["--expires", "tomorrow"], "no date"),
        (["--expires", "2001-01-01"], "future"),
    ],
)
def test_the_command_refuses_in_words(ann: Api, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        command("ann", "t", *arguments)
    assert not ApiToken.objects.exists()
