"""The Django admin: operators see every row, find it, and do the safe things with it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from .models import (
    Annotation,
    AnnotationRevision,
    ApiToken,
    Attribute,
    Embedding,
    Image,
    Job,
    Label,
    Membership,
    Preferences,
    Project,
    StoredFile,
    Suggestion,
)
from .services.errors import ServiceError
from .services.images import prepare
from .services.jobs import lifecycle, registry
from .services.projects import projects

admin.site.site_header = "segweb administration"
admin.site.site_title = "segweb"


def page_link(row: Any, text: str = "open") -> str:
    """A link from a row to its page."""
    return format_html('<a href="{}">{}</a>', row.get_absolute_url(), text)


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


class LabelInline(admin.TabularInline):
    model = Label
    extra = 0


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "image_count", "created_at", "page")
    search_fields = ("name", "slug", "memberships__user__username")
    list_filter = ("created_at",)
    readonly_fields = ("created_at", "page")
    inlines = (MembershipInline, LabelInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        return super().get_queryset(request).annotate(image_count=Count("images"))

    @admin.display(ordering="image_count", description="images")
    def image_count(self, row: Any) -> int:
        return int(row.image_count)

    @admin.display(description="page")
    def page(self, row: Project) -> str:
        return page_link(row) if row.pk else ""

    def delete_model(self, request: HttpRequest, obj: Project) -> None:
        projects.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> None:
        for project in queryset:
            projects.delete(project)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Labels in use are no obstacle: the annotations go with the project."""
        deleted, counts, missing, _protected = super().get_deleted_objects(objs, request)
        return deleted, counts, missing, []


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("project", "user", "role", "created_at")
    list_filter = ("role", "created_at")
    search_fields = ("project__name", "user__username")
    autocomplete_fields = ("project", "user")
    list_select_related = ("project", "user")


@admin.register(Label)
class LabelAdmin(admin.ModelAdmin):
    list_display = ("name", "project", "color", "order")
    list_filter = ("project",)
    search_fields = ("name", "project__name")
    autocomplete_fields = ("project",)
    list_select_related = ("project",)


@admin.register(Attribute)
class AttributeAdmin(admin.ModelAdmin):
    list_display = ("name", "project", "kind", "required", "order")
    list_filter = ("kind", "project")
    search_fields = ("name", "project__name")
    list_select_related = ("project",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin):
    list_display = ("name", "project", "state", "width", "height", "bytes", "created_at", "page")
    list_filter = ("state", "mime_type", "created_at", "project")
    search_fields = ("name", "sha256", "external_id", "project__name")
    list_select_related = ("project",)
    readonly_fields = (
        "project", "sha256", "width", "height", "bytes", "mime_type", "state", "error_code",
        "error_message", "original", "preview", "thumbnail", "created_by", "created_at", "work",
        "skip_reason", "work_by", "work_at", "page",
    )  # fmt: skip
    actions = ("prepare_again",)

    @admin.display(description="page")
    def page(self, row: Image) -> str:
        return page_link(row) if row.pk else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Rebuild preview and thumbnail")
    def prepare_again(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        for image in queryset.select_related("project"):
            prepare.prepare_again(image, request.user)
        self.message_user(request, f"Queued for {queryset.count()} images.", messages.SUCCESS)


@admin.register(Preferences)
class PreferencesAdmin(admin.ModelAdmin):
    list_display = ("user",)
    search_fields = ("user__username",)
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Embedding)
class EmbeddingAdmin(admin.ModelAdmin):
    list_display = ("sha256", "model", "version", "status", "bytes", "created_at")
    list_filter = ("status", "model", "version", "created_at")
    search_fields = ("sha256",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Annotation)
class AnnotationAdmin(admin.ModelAdmin):
    list_display = ("id", "label", "image", "author", "source", "area", "version", "page")
    list_filter = ("source", "model", "created_at", "label__project")
    search_fields = ("id", "image__name", "label__name", "author__username")
    list_select_related = ("label", "image", "author")

    @admin.display(description="page")
    def page(self, row: Annotation) -> str:
        return page_link(row.image)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AnnotationRevision)
class AnnotationRevisionAdmin(admin.ModelAdmin):
    list_display = ("annotation", "version", "action", "user", "image", "created_at")
    list_filter = ("action", "created_at")
    search_fields = ("annotation", "image__name", "user__username")
    list_select_related = ("user", "image")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Revisions go with their image or project, never by themselves.
        return obj is None and not request.path.startswith("/admin/annotations/annotationrevision")


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(handler.kind), handler.title) for handler in registry.handlers()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset if self.value() is None else queryset.filter(kind=self.value())


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    list_display = ("id", "title", "status", "progress", "project", "image", "attempt", "page")
    list_filter = ("status", KindFilter, "queue", "project")
    search_fields = ("=id", "project__name", "image__name", "error_message")
    list_select_related = ("project", "image")
    actions = ("requeue",)

    @admin.display(ordering="kind", description="kind")
    def title(self, row: Job) -> str:
        return registry.handler_of(row.kind).title

    @admin.display(description="page")
    def page(self, row: Job) -> str:
        target = row.image or row.project
        return page_link(target) if target is not None else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.method == "POST" and obj is None

    @admin.action(description="Start failed jobs again")
    def requeue(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        again = 0
        for job in queryset.select_related("project", "image"):
            try:
                lifecycle.requeue(job)
            except ServiceError:
                continue
            again += 1
        self.message_user(request, f"{again} jobs were started again.", messages.SUCCESS)


@admin.register(Suggestion)
class SuggestionAdmin(admin.ModelAdmin):
    """Masks that jobs found; they go with their jobs."""

    list_display = ("id", "job", "position", "area", "score")
    search_fields = ("=job__id",)
    list_select_related = ("job",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StoredFile)
class StoredFileAdmin(admin.ModelAdmin):
    """Pictures of no project; they go by themselves when their links end."""

    list_display = ("id", "user", "mime_type", "bytes", "created_ms")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens can be seen and revoked; only their people make them."""

    list_display = ("name", "user", "prefix", "scopes", "created_at", "expires_at", "last_used_at")
    list_filter = ("created_at", "expires_at", "last_used_at")
    search_fields = ("name", "user__username", "prefix")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
