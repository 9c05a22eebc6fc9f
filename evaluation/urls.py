"""Pages of evaluation."""

from django.urls import path

from evaluation import lineage_views, views

app_name = "evaluation"
urlpatterns = [
    path("evaluation/", views.evaluation_list, name="evaluation_list"),
    path("evaluation/start/", views.evaluation_start, name="evaluation_start"),
    path("evaluation/<int:pk>/", views.evaluation_detail, name="evaluation_detail"),
    path("evaluation/<int:pk>/report.json", views.evaluation_report, name="evaluation_report"),
    path("evaluation/<int:pk>/propose/", views.evaluation_propose, name="evaluation_propose"),
    path("evaluation/cases/<int:pk>/", views.case_detail, name="case_detail"),
    path("deployments/", views.deployment_list, name="deployment_list"),
    path("deployments/rollback/", views.deployment_rollback, name="deployment_rollback"),
    path("deployments/lineage/", lineage_views.lineage_list, name="lineage_list"),
    path("deployments/lineage/documents/<int:pk>/", lineage_views.lineage_document, name="lineage_document"),
    path("deployments/lineage/<slug:kind>/<int:pk>/", lineage_views.lineage_detail, name="lineage_detail"),
    path("deployments/<int:pk>/", views.deployment_detail, name="deployment_detail"),
    path("deployments/<int:pk>/approve/", views.deployment_approve, name="deployment_approve"),
    path("deployments/<int:pk>/reject/", views.deployment_reject, name="deployment_reject"),
    path("deployments/<int:pk>/activate/", views.deployment_activate, name="deployment_activate"),
]
