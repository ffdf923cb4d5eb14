"""Django settings. Everything an operator may change is declared in `env.py`."""

import hashlib
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from .. import __version__
from .database import from_url, sqlite
from .env import ROOT, data_dir, env
from .secret import secret_key

SEGWEB_VERSION = __version__
BASE_DIR: Path = ROOT
DATA_DIR: Path = data_dir()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG: bool = env("SEGWEB_DEBUG")
_HTTPS: bool = env("SEGWEB_HTTPS")
_EMBEDDED = not (env("DATABASE_URL") or env("REDIS_URL") or _HTTPS)
SECRET_KEY = secret_key(env("SEGWEB_SECRET_KEY"), DATA_DIR, embedded=_EMBEDDED)
ALLOWED_HOSTS: list[str] = env("SEGWEB_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env("SEGWEB_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "channels",
    "segweb",
    "annotations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "segweb.middleware.IsolationMiddleware",
    "segweb.middleware.RateHeadersMiddleware",
    "segweb.middleware.MethodMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "segweb.urls"
ASGI_APPLICATION = "segweb.asgi.application"
# Around Django, the outermost first.
SEGWEB_ASGI_WRAPPERS = ["annotations.api.body_limits.BodyLimit", "annotations.api.waiting.Waiting"]
SEGWEB_SOCKET_URLCONF = "annotations.socket_urls"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

_DATABASE_URL: str = env("DATABASE_URL")
DATABASES: dict[str, Any] = {
    "default": from_url(_DATABASE_URL) if _DATABASE_URL else sqlite(DATA_DIR / "db.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: broker and channel layer -------------------------------------------------------

REDIS_URL: str = env("REDIS_URL") or f"unix://{DATA_DIR / 'redis' / 'redis.sock'}"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "segweb"},
    }
}

# --- People ----------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SEGWEB_ADMIN_USER: str = env("SEGWEB_ADMIN_USER")
SEGWEB_ADMIN_PASSWORD: str = env("SEGWEB_ADMIN_PASSWORD")
SEGWEB_DEMO: bool = env("SEGWEB_DEMO")
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/projects/"
LOGOUT_REDIRECT_URL = "/login/"

# Login slows down by the account and by the real peer address; a header cannot reset it.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "segweb.middleware.peer_address"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "annotations.views.csrf_failure"

# --- Security headers -----------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
if env("SEGWEB_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The decoder is WebAssembly; nothing else may be compiled from data.
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Static files: everything below /static/<release>/ never changes -------------------------


def _release() -> str:
    """A short name that changes whenever a file that browsers load changes."""
    digest = hashlib.sha256()
    for path in sorted((BASE_DIR / "static").rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns};".encode())
    return digest.hexdigest()[:12]


RELEASE = _release()
STATIC_URL = f"/static/{RELEASE}/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Model files and the WebAssembly runtime, under names that hold their version or hash.
PUBLIC_DIR = DATA_DIR / "public"
PUBLIC_DIR.mkdir(exist_ok=True)
WHITENOISE_ROOT = PUBLIC_DIR
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MIMETYPES = {".mjs": "text/javascript", ".onnx": "application/octet-stream"}


def _immutable(_path: str, url: str) -> bool:
    return url.startswith((STATIC_URL, "/assets/")) and not url.endswith("/manifest.json")


WHITENOISE_IMMUTABLE_FILE_TEST = _immutable

MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "segweb.storage.AtomicFileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Images, engines, jobs --------------------------------------------------------------------

SEGWEB_MAX_REQUEST_BYTES: int = env("SEGWEB_MAX_REQUEST_BYTES")
SEGWEB_MAX_BYTES: int = env("SEGWEB_MAX_BYTES")
SEGWEB_MAX_PIXELS: int = env("SEGWEB_MAX_PIXELS")
SEGWEB_DECODE_SECONDS: int = env("SEGWEB_DECODE_SECONDS")
SEGWEB_DECODE_MEMORY_MB: int = env("SEGWEB_DECODE_MEMORY_MB")
SEGWEB_WEBHOOK_ATTEMPTS: int = env("SEGWEB_WEBHOOK_ATTEMPTS")
SEGWEB_WEBHOOK_RETRY_SECONDS: int = env("SEGWEB_WEBHOOK_RETRY_SECONDS")
SEGWEB_PREVIEW_SIDE: int = env("SEGWEB_PREVIEW_SIDE")
SEGWEB_ENGINE: str = env("SEGWEB_ENGINE")
SEGWEB_PRECISION: str = env("SEGWEB_PRECISION")
SEGWEB_ENGINE_THREADS: int = env("SEGWEB_ENGINE_THREADS")
SEGWEB_MODELS_DIR: Path = DATA_DIR / "models"
SEGWEB_TORCH_MODEL: str = env("SEGWEB_TORCH_MODEL")
SEGWEB_TORCH_CHECKPOINT: str = env("SEGWEB_TORCH_CHECKPOINT")
SEGWEB_TORCH_DEVICE: str = env("SEGWEB_TORCH_DEVICE")
SEGWEB_TORCH_PRECISION: str = env("SEGWEB_TORCH_PRECISION")
SEGWEB_EMBEDDINGS_MB: int = env("SEGWEB_EMBEDDINGS_MB")
SEGWEB_EMBEDDINGS_MEMORY_MB: int = env("SEGWEB_EMBEDDINGS_MEMORY_MB")
SEGWEB_JOB_LEASE_SECONDS: int = env("SEGWEB_JOB_LEASE_SECONDS")
SEGWEB_JOB_ATTEMPTS: int = env("SEGWEB_JOB_ATTEMPTS")
SEGWEB_JOB_KEEP_HOURS: int = env("SEGWEB_JOB_KEEP_HOURS")
SEGWEB_FETCH_ALLOW: list[str] = env("SEGWEB_FETCH_ALLOW")
SEGWEB_FETCH_SECONDS: int = env("SEGWEB_FETCH_SECONDS")
SEGWEB_PIXLAB_WAIT_SECONDS: int = env("SEGWEB_PIXLAB_WAIT_SECONDS")
SEGWEB_PIXLAB_LINK_HOURS: int = env("SEGWEB_PIXLAB_LINK_HOURS")
SEGWEB_PIXLAB_MAX_PIXELS: int = env("SEGWEB_PIXLAB_MAX_PIXELS")
SEGWEB_PIXLAB_JOBS_A_USER: int = env("SEGWEB_PIXLAB_JOBS_A_USER")
SEGWEB_RATE_LIMIT: tuple[int, int] | None = env("SEGWEB_RATE_LIMIT")
SEGWEB_LINK_SECONDS: int = env("SEGWEB_LINK_SECONDS")

# JSON bodies; image files are counted by SEGWEB_MAX_BYTES.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 4_000_000
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

# --- Language, time, logs ----------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("SEGWEB_LOG_LEVEL")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Two lines a task, and one a refused request, say nothing an operator acts on.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
