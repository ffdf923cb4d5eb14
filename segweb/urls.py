"""Addresses: the application's and the Django admin's."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("annotations.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "annotations.views.bad_request"
handler403 = "annotations.views.forbidden"
handler404 = "annotations.views.not_found"
handler500 = "annotations.views.server_error"
