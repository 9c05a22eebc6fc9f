"""Admin pages of evaluation; history is read-only there too."""

from django.contrib import admin

from evaluation.models import Approval, CanarySet, Case, Deployment, DeploymentEvent, Evaluation
from web4site.admin import ReadOnlyAdmin


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = ("pk", "build", "profile", "overall", "cleared", "canaries_passed", "created_at")
    list_filter = ("profile", "cleared")


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("case_id", "evaluation", "harness", "outcome", "seconds")
    list_filter = ("harness", "outcome")


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    list_display = ("pk", "build", "kind", "status", "live_at", "ended_at")
    list_filter = ("status", "kind")


@admin.register(DeploymentEvent)
class DeploymentEventAdmin(ReadOnlyAdmin):
    list_display = ("deployment", "before", "after", "actor", "created_at")


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("deployment", "actor", "created_at")


@admin.register(CanarySet)
class CanarySetAdmin(ReadOnlyAdmin):
    list_display = ("pk", "canary", "author", "reason", "created_at")
