"""Addresses of the websockets."""

from django.urls import path

from .consumers import ProjectConsumer

urlpatterns = [path("ws/projects/<int:project_id>/", ProjectConsumer.as_asgi())]
