"""Addresses: pages, the native API, health, the Django admin."""

from django.contrib import admin
from django.urls import include, path

from annotations import views
from annotations.api import health, native, pixlab

urlpatterns = [
    # Before the API's own address of this name, which loads its scripts from elsewhere.
    path("api/docs", views.api_docs, name="api-docs"),
    # First, since what programs ask for should not be held against every page's address.
    path("api/v1/", include("annotations.api.cognite.urls")),
    path("api/", native.urls),
    path("", include("annotations.page_urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("segment", pixlab.segment),
    path("store", pixlab.store),
    path("shared/<str:name>", pixlab.shared),
    path("admin/", admin.site.urls),
]

handler400 = "annotations.views.bad_request"
handler403 = "annotations.views.forbidden"
handler404 = "annotations.views.not_found"
handler500 = "annotations.views.server_error"
