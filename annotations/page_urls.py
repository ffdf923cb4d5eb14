"""Addresses of the pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "login/",
        LoginView.as_view(redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("projects/", views.projects, name="projects"),
    path("projects/<int:pk>/", views.project, name="project"),
    path("projects/<int:pk>/labels/", views.labels, name="labels"),
    path("projects/<int:pk>/members/", views.members, name="members"),
    path("projects/<int:pk>/jobs/", views.jobs, name="jobs"),
    path("projects/<int:pk>/settings/", views.project_settings, name="settings"),
    path("projects/<int:pk>/webhooks/", views.webhooks, name="webhooks"),
    path("projects/<int:pk>/replays/", views.replays, name="replays"),
    path("replays/<int:pk>/", views.replay, name="replay"),
    path("images/<int:pk>/annotate/", views.annotate, name="annotate"),
    path("tokens/", views.tokens, name="tokens"),
]
