"""Admin pages of the house, and the base of all that only show."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from web4site.models import Run

admin.site.site_header = admin.site.site_title = "Web4 Agent"
admin.site.index_title = "Users, roles and records"


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the platform writes: its services know what belongs together, a form does not."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("pk", "kind", "title", "status", "created_at", "finished_at", "actor")
    list_filter = ("kind", "status")
    search_fields = ("title", "error")
    list_select_related = ("actor",)
