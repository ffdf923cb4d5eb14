"""What keeps an engine from its work, in words for people."""


class EngineError(Exception):
    """`code` for programs, `message` for people. A job that meets it fails with both."""

    code = "engine"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class EngineUnavailable(EngineError):
    """A library, a device or a file of weights is missing, or not what it should be."""

    code = "model_unavailable"


class DeviceOutOfMemory(EngineError):
    """Even one image or prompt at a time needs more memory than the device has."""

    code = "device_out_of_memory"
