"""Every address under /api/v1. None ends in a slash, and none is redirected."""

from django.urls import path, re_path

from ...models import Scope
from . import account, files, segment
from .door import route, signed, unknown

app_name = "cognite"

_BASE = "projects/<slug:project>"
_FILES = {
    "files": route(Scope.UPLOAD, GET=files.index, POST=files.create),
    "files/<int:file>": route(GET=files.by_id),
    "files/initmultipartupload": route(Scope.UPLOAD, POST=files.create_in_parts),
    "files/completemultipartupload": route(Scope.UPLOAD, POST=files.complete),
    "files/uploadlink": route(Scope.UPLOAD, POST=files.upload_link),
    "files/multiuploadlink": route(Scope.UPLOAD, POST=files.parts_link),
    "files/downloadlink": route(POST=files.download_links),
    "files/byids": route(POST=files.by_ids),
    "files/list": route(POST=files.search),
    "files/delete": route(Scope.MANAGE, POST=files.delete),
}

urlpatterns = [
    path("token/inspect", route(GET=account.inspect)),
    path(
        "files/content/<str:text>",
        signed(PUT=files.put_content, GET=files.get_content, HEAD=files.get_content),
        name="content",
    ),
    path(f"{_BASE}/context/vision/segment", route(Scope.ANNOTATE, POST=segment.submit)),
    path(f"{_BASE}/context/vision/segment/<int:job>", route(GET=segment.result)),
    *(path(f"{_BASE}/{name}", view) for name, view in _FILES.items()),
    # Also what another address plus a slash would be, which Django would redirect otherwise.
    re_path(r"^.*$", unknown),
]
