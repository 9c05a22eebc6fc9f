"""Admin of trainings, adapters and builds: to look at, not to edit."""

from django.contrib import admin

from training.models import Adapter, Build, Training
from web4site.admin import ReadOnlyAdmin


@admin.register(Training)
class TrainingAdmin(ReadOnlyAdmin):
    list_display = ("run", "dataset", "preset", "base_model", "parent")
    list_filter = ("preset",)


@admin.register(Adapter)
class AdapterAdmin(ReadOnlyAdmin):
    list_display = ("name", "base_model", "parent", "loss_first", "loss_last", "created_at")


@admin.register(Build)
class BuildAdmin(ReadOnlyAdmin):
    list_display = ("name", "adapter", "quantization", "bytes", "created_at")
    list_filter = ("quantization",)
