"""Admin pages of Phase 4."""

from django.contrib import admin

from monitoring.models import Alert, Conversation, Feedback, Query
from web4site.admin import ReadOnlyAdmin


@admin.register(Query)
class QueryAdmin(ReadOnlyAdmin):
    list_display = ("question", "query_type", "status", "total_ms", "channel", "user", "created_at")
    list_filter = ("query_type", "status", "channel")
    search_fields = ("question", "answer")
    list_select_related = ("user",)


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("query", "user", "thumb", "comment", "created_at")
    list_filter = ("thumb",)
    list_select_related = ("query", "user")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("title", "created_at", "acknowledged_by", "acknowledged_at")


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("title", "user", "created_at")
    list_select_related = ("user",)
