"""Samples in the admin: to look things up; changes go through the review room, which keeps the audit."""

from django.contrib import admin

from samples.models import Dataset, ReviewDecision, Sample
from web4site.admin import ReadOnlyAdmin


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("name", "status", "sha256", "created_at", "frozen_at")
    list_filter = ("status",)
    search_fields = ("name", "sha256")


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ("sample_id", "dataset", "category", "task_type", "split", "tokens", "quality", "review")
    list_filter = ("category", "split", "review")
    search_fields = ("sample_id",)
    list_select_related = ("dataset",)
    raw_id_fields = ("document",)


@admin.register(ReviewDecision)
class ReviewDecisionAdmin(ReadOnlyAdmin):
    list_display = ("sample", "action", "actor", "reason", "created_at")
    list_filter = ("action",)
    list_select_related = ("sample", "actor")
