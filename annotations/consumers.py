"""The project's socket: sends events to members, and closes when somebody is none any more."""

import asyncio
import contextlib
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import SESSION_KEY

from . import access, events
from .models import ApiToken, hash_token

_RECHECK_SECONDS = 3.0
CLOSE_UNAUTHENTICATED = 4401
CLOSE_NOT_FOUND = 4404
CLOSE_BAD_MESSAGE = 4400


class ProjectConsumer(AsyncJsonWebsocketConsumer):
    """`/ws/projects/{id}/`. Membership is checked at the handshake, before each event and
    every few seconds, so a sign-out or a removal closes the socket soon. A handshake with
    `Authorization: Bearer <token>` is judged by its token alone, else by its session."""

    watch: asyncio.Task[None] | None = None
    groups_joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        self.project_id: int = self.scope["url_route"]["kwargs"]["project_id"]
        self.token = self._token_digest()
        self.user = self.scope["user"] if self.token is None else await self._tokens_user()
        if self.user is None or not self.user.is_authenticated:
            await self.close(CLOSE_UNAUTHENTICATED)
            return
        if not await self._allowed():
            await self.close(CLOSE_NOT_FOUND)
            return
        groups = (events.project_group(self.project_id), events.user_group(self.user.pk))
        for group in groups:
            await self.channel_layer.group_add(group, self.channel_name)
        self.groups_joined = groups
        await self.accept()
        self.watch = asyncio.create_task(self._keep_checking())

    async def disconnect(self, code: int) -> None:
        if self.watch is not None:
            self.watch.cancel()
        for group in self.groups_joined:
            with contextlib.suppress(OSError):
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answers a ping; closes on anything that is not JSON."""
        try:
            content = await self.decode_json(text_data or "")
        except (ValueError, RecursionError):
            await self.close(CLOSE_BAD_MESSAGE)
            return
        if isinstance(content, dict) and content.get("type") == "ping":
            await self.send_json({"v": events.VERSION, "type": "pong", "data": {}})

    async def project_event(self, message: dict[str, Any]) -> None:
        if message["project"] == self.project_id and await self._still_allowed():
            await self.send_json(message["event"])

    async def access_recheck(self, _message: dict[str, Any]) -> None:
        await self._still_allowed()

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(_RECHECK_SECONDS)
            await self._still_allowed()

    async def _still_allowed(self) -> bool:
        if await self._allowed():
            return True
        await self.close(CLOSE_NOT_FOUND)
        return False

    def _token_digest(self) -> str | None:
        """The digest of the token that the handshake shows, None when it shows none."""
        header = next((v for k, v in self.scope["headers"] if k == b"authorization"), None)
        if header is None:
            return None
        kind, _, secret = header.decode("latin-1").partition(" ")
        return hash_token(secret.strip()) if kind.lower() == "bearer" else ""

    @database_sync_to_async
    def _tokens_user(self) -> Any:
        tokens = ApiToken.objects.select_related("user")
        token = tokens.filter(digest=self.token, user__is_active=True).first()
        return None if token is None else token.user

    @database_sync_to_async
    def _allowed(self) -> bool:
        """True while the token or the session lives and its user belongs to the project."""
        if self.token is not None:
            live = ApiToken.objects.filter(digest=self.token, user_id=self.user.pk).exists()
            return live and access.is_member(self.user.pk, self.project_id)
        session = self.scope["session"]
        stored = session.__class__(session.session_key).load() if session.session_key else {}
        signed_in = stored.get(SESSION_KEY) == str(self.user.pk)
        return signed_in and access.is_member(self.user.pk, self.project_id)
