"""`manage.py create_token USER NAME`: makes an API token and prints it once."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from annotations.models import Scope
from annotations.services.accounts import tokens
from annotations.services.errors import ServiceError


class Command(BaseCommand):
    help = "Makes an API token for USER and prints it; it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("name", help="what the token is for")
        parser.add_argument(
            "--scopes", help=f"comma-separated: {','.join(Scope.values)} (all when left out)"
        )
        parser.add_argument(
            "--expires",
            help="a date or time, 2030-12-31 or 2030-12-31T18:00, in UTC (never when left out)",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        scopes = options["scopes"]
        names = None if scopes is None else [part.strip() for part in scopes.split(",") if part]
        try:
            _, secret = tokens.issue(user, options["name"], names, _ms(options["expires"]))
        except ServiceError as error:
            raise CommandError(f"{error.field}: {error.message}") from error
        self.stdout.write(secret)


def _ms(text: str | None) -> int | None:
    """Epoch milliseconds of an ISO date or time; without a zone it counts as UTC."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--expires: {text!r} is no date like 2030-12-31.") from error
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
