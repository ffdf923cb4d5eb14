"""`manage.py create_token USER NAME`: makes an API token and prints it once."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from annotations.models import ApiToken


class Command(BaseCommand):
    help = "Makes an API token for USER and prints it; it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("name", help="what the token is for")

    def handle(self, *_: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        _, secret = ApiToken.issue(user, options["name"][:100])
        self.stdout.write(secret)
