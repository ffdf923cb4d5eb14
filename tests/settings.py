"""The product's settings for tests that run inside pytest: no Redis, a data folder of their own.

Tests of whole processes do not use this module: they start the product as it is, see
`tests.support.server`.
"""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="segweb-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.mkdir(os.path.join(_data, "static"))
for _name in [name for name in os.environ if name.startswith("SEGWEB_")]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)
os.environ["SEGWEB_DATA"] = _data
os.environ["SEGWEB_ENGINE"] = "fake"
os.environ["SEGWEB_SECRET_KEY"] = "only-for-tests-" + "0" * 40
# Tasks that are sent stay in memory and are never run: tests call them.
os.environ["REDIS_URL"] = "memory://"
# Requests are counted in Redis.
os.environ["SEGWEB_RATE_LIMIT"] = "0"

from segweb.settings import *  # noqa: E402, F403

CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
