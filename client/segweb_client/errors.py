"""What can go wrong, in words for people; each kind has its exit code."""


class SegwebError(Exception):
    """Any failure of this client. `message` is a sentence for people; `code` (snake_case), `field`
    (the path of what is to blame) and `status` (HTTP) are there when the server gave them."""

    exit_code = 6

    def __init__(
        self, message: str, *, code: str = "", field: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.status = status

    def __str__(self) -> str:
        return f"{self.message} (field {self.field})" if self.field else self.message


class SomeRefused(SegwebError):
    """Some of many were not taken; the rest was."""

    exit_code = 1


class FileRefused(SegwebError):
    """The server does not take this file as an image, or it cannot be read here."""

    exit_code = 1


class Invalid(SegwebError):
    """A value, an option or an input file that cannot be taken."""

    exit_code = 2


class NotSignedIn(SegwebError):
    """No token, or one that the server does not know (any more)."""

    exit_code = 3


class Forbidden(SegwebError):
    """The token or its person may not do this."""

    exit_code = 3


class NotFound(SegwebError):
    """There is no such thing, or it is nobody's business here."""

    exit_code = 4


class Unavailable(SegwebError):
    """The server cannot be reached, is too busy, or fails."""

    exit_code = 5


class BadAnswer(Unavailable):
    """What answered does not speak segweb's API, or its answer is damaged."""


class Conflict(SegwebError):
    """The request is at odds with what is stored."""

    exit_code = 6


class JobFailed(SegwebError):
    """The server took the work, and the work failed."""

    exit_code = 6
