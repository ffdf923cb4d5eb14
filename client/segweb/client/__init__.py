"""The former name of `segweb_client`, for programs that were written with it."""

import warnings

from segweb_client import *  # noqa: F403
from segweb_client import __all__  # noqa: F401

warnings.warn(
    "segweb.client is the former name of segweb_client; import that instead.",
    DeprecationWarning,
    stacklevel=2,
)
