"""Pages of rag."""

from django.urls import path

from rag import views

app_name = "rag"
urlpatterns = [
    path("corpus/", views.corpus_detail, name="corpus_detail"),
    path("corpus/index/", views.index_start, name="index_start"),
    path("corpus/runs/<int:pk>/", views.index_files, name="index_files"),
    path("corpus/documents/<int:pk>/", views.document_detail, name="document_detail"),
    path("corpus/quarantine/", views.quarantine, name="quarantine"),
    path("corpus/quarantine/<int:pk>/", views.quarantine_verdict, name="quarantine_verdict"),
    path("search/", views.search, name="search"),
]
