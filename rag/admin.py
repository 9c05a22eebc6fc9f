"""Raw rows of the index, for admins; writing goes through the services."""

from django.contrib import admin

from rag.models import Chunk, Corpus, Document, IndexedFile, Link, QuarantineEntry


@admin.register(Corpus)
class CorpusAdmin(admin.ModelAdmin):
    list_display = ("name", "root", "created_at")


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    list_display = ("path", "kind", "collection", "date", "agent_name", "quality_score", "indexed_at")
    list_filter = ("corpus", "kind", "collection", "ok_to_train")
    search_fields = ("path", "title")
    raw_id_fields = ("duplicate_of",)


@admin.register(Chunk)
class ChunkAdmin(admin.ModelAdmin):
    list_display = ("document", "index", "chunk_type", "tokens")
    search_fields = ("uid", "document__path")
    raw_id_fields = ("document",)
    list_select_related = ("document",)


@admin.register(Link)
class LinkAdmin(admin.ModelAdmin):
    list_display = ("source", "relation", "target", "how")
    list_filter = ("relation", "how")
    raw_id_fields = ("source", "target")
    list_select_related = ("source", "target")


@admin.register(IndexedFile)
class IndexedFileAdmin(admin.ModelAdmin):
    list_display = ("path", "status", "reason", "run")
    list_filter = ("status",)
    list_select_related = ("run",)


@admin.register(QuarantineEntry)
class QuarantineEntryAdmin(admin.ModelAdmin):
    list_display = ("document", "kind", "line", "decision", "decided_by", "decided_at")
    list_filter = ("kind", "decision")
    raw_id_fields = ("document",)
    list_select_related = ("document", "decided_by")
