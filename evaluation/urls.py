"""Pages of evaluation."""

from django.urls import path

from evaluation import canary_views, report_views, views
from evaluation.lineage import views as lineage_views

app_name = "evaluation"
urlpatterns = [
    path("evaluation/", views.evaluation_list, name="evaluation_list"),
    path("evaluation/start/", views.evaluation_start, name="evaluation_start"),
    path("evaluation/<int:pk>/", views.evaluation_detail, name="evaluation_detail"),
    path("evaluation/<int:pk>/report.json", views.evaluation_report, name="evaluation_report"),
    path("evaluation/<int:pk>/plot/", report_views.evaluation_plot, name="evaluation_plot"),
    path("evaluation/<int:pk>/print/", report_views.evaluation_print, name="evaluation_print"),
    path("evaluation/<int:pk>/incident.pdca.md", report_views.evaluation_incident, name="evaluation_incident"),
    path("evaluation/<int:pk>/propose/", views.evaluation_propose, name="evaluation_propose"),
    path("evaluation/cases/<int:pk>/", views.case_detail, name="case_detail"),
    path("evaluation/canaries/", canary_views.canary_list, name="canary_list"),
    path("evaluation/canaries/new/", canary_views.canary_edit, name="canary_new"),
    path("evaluation/canaries/save/", canary_views.canary_save, name="canary_save"),
    path("evaluation/canaries/edit/<slug:name>/", canary_views.canary_edit, name="canary_edit"),
    path("evaluation/canaries/<int:pk>/", canary_views.canary_set_detail, name="canary_set_detail"),
    path("evaluation/canaries/<int:pk>/canaries.toml", canary_views.canary_set_export, name="canary_set_export"),
    path("evaluation/canaries/<int:pk>/restore/", canary_views.canary_set_restore, name="canary_set_restore"),
    path("deployments/", views.deployment_list, name="deployment_list"),
    path("deployments/log/", views.deployment_log, name="deployment_log"),
    path("deployments/rollback/", views.deployment_rollback, name="deployment_rollback"),
    path("deployments/lineage/", lineage_views.lineage_list, name="lineage_list"),
    path("deployments/lineage/documents/<int:pk>/", lineage_views.lineage_document, name="lineage_document"),
    path("deployments/lineage/<slug:kind>/<int:pk>/", lineage_views.lineage_detail, name="lineage_detail"),
    path("deployments/<int:pk>/", views.deployment_detail, name="deployment_detail"),
    path("deployments/<int:pk>/approve/", views.deployment_approve, name="deployment_approve"),
    path("deployments/<int:pk>/reject/", views.deployment_reject, name="deployment_reject"),
    path("deployments/<int:pk>/activate/", views.deployment_activate, name="deployment_activate"),
]
