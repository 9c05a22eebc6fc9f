"""Pages of training."""

from django.urls import path

from training import views

app_name = "training"
urlpatterns = [
    path("training/", views.run_list, name="run_list"),
    path("training/start/", views.run_start, name="run_start"),
    path("training/compare/", views.run_compare, name="run_compare"),
    path("training/compare/plot/", views.run_compare_plot, name="run_compare_plot"),
    path("training/<int:pk>/", views.run_detail, name="run_detail"),
    path("training/<int:pk>/numbers/", views.run_numbers, name="run_numbers"),
    path("training/<int:pk>/batch/", views.run_batch, name="run_batch"),
    path("training/<int:pk>/plots/<slug:curve>/", views.run_plot, name="run_plot"),
    path("training/<int:pk>/resume/", views.run_resume, name="run_resume"),
    path("models/", views.build_list, name="build_list"),
    path("models/builds/start/", views.build_start, name="build_start"),
    path("models/builds/<int:pk>/", views.build_detail, name="build_detail"),
    path("models/builds/<int:pk>/delete/", views.build_delete, name="build_delete"),
    path("models/builds/<int:pk>/download/", views.build_download, name="build_download"),
    path("models/adapters/", views.adapter_list, name="adapter_list"),
    path("models/adapters/<int:pk>/", views.adapter_detail, name="adapter_detail"),
    path("models/adapters/<int:pk>/delete/", views.adapter_delete, name="adapter_delete"),
    path("models/adapters/<int:pk>/download/", views.adapter_download, name="adapter_download"),
]
