"""The metadata every chunk carries in the vector tier; complete, and rebuilt from the SQL tier alone."""

from typing import Any

from rag.models import Chunk, Collection, Document

# Fields of a TypeScript document, a tool example or a topic; a chunk has those that its document has.
OPTIONAL = ("layer", "patterns", "class_names", "interface_names", "function_names", "method_names")

HOME = {
    "pdca": Collection.PDCA_HISTORICAL,
    "journal": Collection.PDCA_HISTORICAL,
    "typescript": Collection.COMPONENTS,
    "tool_examples": Collection.TOOL_EXAMPLES,
    "process_framework": Collection.PROCESS_FRAMEWORK,
}


def home_collection(kind: str) -> str:
    """The collection a document of this kind belongs to once it has left the daily buffer."""
    return HOME.get(kind, Collection.PROCESS_DOCS)


def chunk_metadata(document: Document, chunk: Chunk) -> dict[str, str | int | float | bool]:
    """All fields of SPEC.md, and what filters need; values are never None."""
    metadata: dict[str, str | int | float | bool] = {
        "path": document.path,
        "document": document.pk,
        "corpus": document.corpus_id,
        "kind": document.kind,
        "pdca_id": document.field("pdca_id") or document.path,
        "chunk_type": chunk.chunk_type,
        "chunk_index": chunk.index,
        "heading_path": " > ".join(chunk.heading_path),
        "date": document.date.isoformat() if document.date else document.field("date"),
        "day": int(document.date.strftime("%Y%m%d")) if document.date else 0,
        "timestamp": document.timestamp.isoformat() if document.timestamp else "",
        "session": document.session,
        "sprint": document.sprint,
        "agent_name": document.agent_name,
        "agent_role": document.agent_role,
        "branch": document.field("branch"),
        "commit_sha": document.field("commit_sha"),
        "prev_pdca": document.field("prev_pdca"),
        "next_pdca": document.field("next_pdca"),
        "objective": document.objective[:500],
        "task_type": document.task_type,
        "components_affected": document.field("components_affected"),
        "cmm_level": document.cmm_level,
        "template_version": document.field("template_version"),
        "qa_decisions_pending": _number(document.field("qa_decisions_pending")),
        "verification_status": document.field("verification_status") or "unverified",
        "quality_score": document.quality_score,
    }
    metadata.update({name: value for name in OPTIONAL if (value := document.field(name))})
    metadata.update({name: _typed(value) for name, value in chunk.fields.items()})
    return {**metadata, **governance(document), **training_markers(document)}


def training_markers(document: Document) -> dict[str, str | int | float | bool]:
    """What training did with the document."""
    return {
        "trained_in_adapter": document.trained_in_adapter,
        "training_batch": document.training_batch,
        "training_date": document.training_date.isoformat() if document.training_date else "",
    }


def governance(document: Document) -> dict[str, str | int | float | bool]:
    """What may be done with the document."""
    return {
        "ok_to_train": document.ok_to_train,
        "ok_to_retrieve": document.ok_to_retrieve,
        "license": document.license,
        "pii_flags": ", ".join(document.pii_flags),
        "security_level": document.security_level,
    }


def _number(value: str) -> int:
    return int(value) if value.isdecimal() else 0


def _typed(value: Any) -> str | bool:
    return {"true": True, "false": False}.get(str(value), str(value))
