"""The rows that the index would make of some texts."""

from __future__ import annotations

import hashlib
from datetime import date

from rag.corpus.chunking import chunk_document
from rag.corpus.reader import parse_document, resolve_links
from rag.models import Chunk, Corpus, Document, Link

COLLECTIONS = {
    "pdca": "pdca_historical",
    "typescript": "components",
    "tool_examples": "tool_examples",
    "process_framework": "process_framework",
}


def store(texts: dict[str, str], root: str = "/bakery") -> Corpus:
    """Rows of documents, chunks and links, as the index writes them."""
    corpus, _ = Corpus.objects.get_or_create(root=root, defaults={"name": "bakery"})
    parsed = [
        parse_document(path, text, hashlib.sha256(text.encode()).hexdigest()) for path, text in sorted(texts.items())
    ]
    rows = {}
    for document in parsed:
        value = document.value
        rows[document.path] = row = Document.objects.create(
            corpus=corpus,
            path=document.path,
            kind=document.kind,
            title=document.title,
            text=document.text,
            collection=COLLECTIONS.get(document.kind, "process_docs"),
            sha256=document.sha256,
            date=date.fromisoformat(value("date")[:10]) if value("date") else None,
            agent_role=value("agent_role"),
            objective=value("objective"),
            quality_score=int(value("quality_score") or 0),
            cmm_level=int(value("cmm_level") or 1),
            metadata={name: {"value": field.value, "origin": field.origin} for name, field in document.fields.items()},
            sections=[
                {"name": s.name, "heading": s.heading, "level": s.level, "start": s.start, "end": s.end}
                for s in document.sections
            ],
        )
        Chunk.objects.bulk_create(
            Chunk(
                document=row,
                uid=f"{row.pk}-{c.index}",
                index=c.index,
                chunk_type=c.chunk_type,
                text=c.text,
                heading_path=list(c.heading_path),
                start=c.start,
                end=c.end,
                tokens=c.tokens,
            )
            for c in chunk_document(document, lambda text: len(text) // 4)
        )
    Link.objects.bulk_create(
        Link(
            source=rows[link.source],
            target=rows[link.target],
            relation=link.relation,
            written=link.target,
            how=link.how,
        )
        for link in resolve_links(parsed)
    )
    return corpus
