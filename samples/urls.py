"""Pages of samples."""

from django.urls import path

from samples.views import datasets, review, samples

app_name = "samples"
urlpatterns = [
    path("samples/", samples.sample_list, name="sample_list"),
    path("samples/tokens/", samples.token_plot, name="token_plot"),
    path("samples/generate/", samples.generation_start, name="generation_start"),
    path("samples/<int:pk>/", samples.sample_detail, name="sample_detail"),
    path("samples/review/", review.review_queue, name="review"),
    path("samples/review/bulk/", review.review_many, name="review_bulk"),
    path("samples/review/undo/", review.review_undo_last, name="review_undo"),
    path("samples/review/progress/", review.review_progress, name="review_progress"),
    path("samples/review/<int:pk>/alike/", review.review_alike, name="review_alike"),
    path("samples/review/<int:pk>/revoke/", review.decision_revoke, name="review_revoke"),
    path("samples/review/<int:pk>/approve/", review.sample_approve, name="review_approve"),
    path("samples/review/<int:pk>/reject/", review.sample_reject, name="review_reject"),
    path("samples/review/<int:pk>/edit/", review.sample_edit, name="review_edit"),
    path("datasets/", datasets.dataset_list, name="dataset_list"),
    path("datasets/plan/", datasets.dataset_plan, name="dataset_plan"),
    path("datasets/plan/estimate/", datasets.estimate_start, name="estimate_start"),
    path("datasets/<int:pk>/", datasets.dataset_detail, name="dataset_detail"),
    path("datasets/<int:pk>/check/", datasets.dataset_check, name="dataset_check"),
    path("datasets/<int:pk>/checks/<str:name>/", datasets.dataset_checks, name="dataset_checks"),
    path("datasets/<int:pk>/comparison/", datasets.dataset_comparison, name="dataset_comparison"),
    path("datasets/<int:pk>/resume/", datasets.dataset_resume, name="dataset_resume"),
    path("datasets/<int:pk>/discard/", datasets.dataset_drop, name="dataset_discard"),
    path("datasets/<int:pk>/freeze/", datasets.dataset_close, name="dataset_freeze"),
    path(
        "datasets/<int:pk>/download/<str:name>.<str:file_format>/", datasets.dataset_download, name="dataset_download"
    ),
]
