"""Raw rows of the index, for admins; writing goes through the services."""

from django.contrib import admin

from rag.models import Chunk, Corpus, Document, IndexedFile, Link, QuarantineEntry
from web4site.admin import ReadOnlyAdmin


@admin.register(Corpus)
class CorpusAdmin(ReadOnlyAdmin):
    list_display = ("name", "root", "created_at")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("path", "kind", "collection", "date", "agent_name", "quality_score", "indexed_at")
    list_filter = ("corpus", "kind", "collection", "ok_to_train")
    search_fields = ("path", "title")


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


@admin.register(QuarantineEntry)
class QuarantineEntryAdmin(ReadOnlyAdmin):
    list_display = ("document", "kind", "line", "decision", "decided_by", "decided_at")
    list_filter = ("kind", "decision")
    list_select_related = ("document", "decided_by")
