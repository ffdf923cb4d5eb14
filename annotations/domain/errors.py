"""What a value is refused for."""


class DomainError(ValueError):
    """A value that cannot be taken: `field` is its path in the input, `message` a sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
