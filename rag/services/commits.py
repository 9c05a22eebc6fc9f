"""What git knows of the documents: read once per run, stored as fields with origin "git"."""

from collections.abc import Mapping
from datetime import date

from rag.corpus.history import FileHistory
from rag.corpus.types import Origin
from rag.models import Corpus, Document
from rag.stores import get_vectors
from rag.stores.vectors import Metadata

Commits = Mapping[str, FileHistory]
BATCH = 200


def commit_apply(row: Document, known: FileHistory | None) -> bool:
    """Bring a document's git fields up to date, in memory; True when that changed it.

    What the document says of itself stays; its date is git's only where it has none of its own.
    """
    own = {name: entry for name, entry in row.metadata.items() if entry["origin"] != Origin.GIT}
    found = {name: value for name, value in (known.fields() if known else {}).items() if value and name not in own}
    if "date" not in own and known:
        found["date"] = known.authored.date().isoformat()
    wanted = own | {name: {"value": value, "origin": Origin.GIT.value} for name, value in found.items()}
    if wanted == row.metadata:
        return False
    row.metadata = wanted
    if "date" not in own:
        row.date = date.fromisoformat(found["date"]) if "date" in found else None
    return True


def commits_refresh(*, corpus: Corpus, commits: Commits) -> int:
    """Documents whose file is unchanged can still have a new history: a commit, another branch. Returns how many."""
    rows = corpus.documents.only("corpus", "path", "collection", "date", "metadata")
    changed = [row for row in rows if commit_apply(row, commits.get(row.path))]
    updates: dict[str, dict[str, Metadata]] = {}
    for row in changed:
        values: Metadata = {
            "commit_sha": row.field("commit_sha"),
            "date": row.field("date"),
            "day": int(row.date.strftime("%Y%m%d")) if row.date else 0,
        }
        for uid in row.chunks.values_list("uid", flat=True):
            updates.setdefault(row.collection, {})[uid] = values
    for collection, metadata in updates.items():
        get_vectors().update_metadata(collection, metadata)
    # Last, so that an interrupted update of the chunks is repeated.
    Document.objects.bulk_update(changed, ["metadata", "date"], batch_size=BATCH)
    return len(changed)
