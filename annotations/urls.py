"""Addresses of the application: pages, the APIs, health."""

from django.urls import include, path

from . import views
from .api import health, native, pixlab

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
]
