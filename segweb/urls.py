"""Addresses: pages, the native API, health, the Django admin."""

from django.contrib import admin
from django.urls import include, path

from annotations.api import health, native

urlpatterns = [
    path("", include("annotations.page_urls")),
    path("api/", native.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
]

handler400 = "annotations.views.bad_request"
handler403 = "annotations.views.forbidden"
handler404 = "annotations.views.not_found"
handler500 = "annotations.views.server_error"
