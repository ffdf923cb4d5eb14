"""What a use case refuses, in words for people. Edges turn these into their answers."""

from typing import Any


class ServiceError(Exception):
    """A refusal: `code` for programs, `message` for people, `field` where one is to blame."""

    status = 400

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Invalid(ServiceError):
    """A value that cannot be taken."""

    status = 422


class Conflict(ServiceError):
    """The request is at odds with what is stored."""

    status = 409


class TooMany(ServiceError):
    """So much is asked for that others would wait."""

    status = 429


class Busy(ServiceError):
    """Something this needs is not there for the moment."""

    status = 503


class StaleVersion(Conflict):
    """Somebody else changed the row first; `current` is what it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__(
            "stale_version", "This object was changed by somebody else.", field="version"
        )
        self.current = current


class ImageRefused(ServiceError):
    """A file that is not taken as an image."""

    status = 415


class FetchRefused(ServiceError):
    """An address that nothing is fetched from, or that gave nothing."""

    status = 422
