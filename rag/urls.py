"""Pages of rag."""

from django.urls import path

from rag.views import corpus, documents, graph, quarantine, search

app_name = "rag"
urlpatterns = [
    path("corpus/", corpus.corpus_detail, name="corpus_detail"),
    path("corpus/index/", corpus.index_start, name="index_start"),
    path("corpus/runs/<int:pk>/", corpus.index_files, name="index_files"),
    path("corpus/runs/<int:pk>/progress/", corpus.index_progress, name="index_progress"),
    path("corpus/runs/<int:pk>/again/", corpus.index_again, name="index_again"),
    path("corpus/faults/", corpus.fault_list, name="fault_list"),
    path("corpus/tiers/", corpus.tiers, name="tiers"),
    path("corpus/documents/<int:pk>/", documents.document_detail, name="document_detail"),
    path("corpus/path/", graph.path_detail, name="path_detail"),
    path("corpus/agents/", graph.agent_list, name="agent_list"),
    path("corpus/agents/<path:name>/", graph.agent_detail, name="agent_detail"),
    path("corpus/quarantine/", quarantine.quarantine, name="quarantine"),
    path("corpus/quarantine/many/", quarantine.quarantine_bulk, name="quarantine_bulk"),
    path("corpus/quarantine/undo/", quarantine.quarantine_undo_last, name="quarantine_undo"),
    path("corpus/quarantine/<int:pk>/", quarantine.quarantine_verdict, name="quarantine_verdict"),
    path("search/", search.search, name="search"),
]
