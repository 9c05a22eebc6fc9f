"""Raw rows of the index, for admins; writing goes through the services."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from rag.models import Chunk, Corpus, Document, IndexedFile, IndexPart, Link, QuarantineEntry, StagedFile
from web4site.admin import ReadOnlyAdmin


@admin.register(Corpus)
class CorpusAdmin(ReadOnlyAdmin):
    list_display = ("name", "root", "created_at")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("path", "kind", "collection", "date", "agent_name", "quality_score", "indexed_at")
    list_filter = ("corpus", "kind", "collection", "ok_to_train")
    search_fields = ("path", "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        # A list of a hundred documents needs none of their texts; the form of one reads its own.
        return super().get_queryset(request).defer("text", "sections", "links", "metadata", "faults")


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    list_display = ("document", "index", "chunk_type", "tokens")
    search_fields = ("uid", "document__path")
    list_select_related = ("document",)


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    list_display = ("source", "relation", "target", "how")
    list_filter = ("relation", "how")
    list_select_related = ("source", "target")


@admin.register(IndexedFile)
class IndexedFileAdmin(ReadOnlyAdmin):
    list_display = ("path", "status", "reason", "run")
    list_filter = ("status",)
    list_select_related = ("run",)


@admin.register(IndexPart)
class IndexPartAdmin(ReadOnlyAdmin):
    list_display = ("run", "number", "status", "worker", "heartbeat_at", "claims")
    list_filter = ("status",)
    list_select_related = ("run",)


@admin.register(StagedFile)
class StagedFileAdmin(ReadOnlyAdmin):
    list_display = ("path", "corpus", "outcome", "reason", "switched")
    list_filter = ("outcome", "switched")
    list_select_related = ("corpus",)
    exclude = ("content", "vectors")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StagedFile]:
        return super().get_queryset(request).defer("content", "vectors")


@admin.register(QuarantineEntry)
class QuarantineEntryAdmin(ReadOnlyAdmin):
    list_display = ("document", "kind", "line", "decision", "decided_by", "decided_at")
    list_filter = ("kind", "decision")
    list_select_related = ("document", "decided_by")
