"""Exact words: a full-text index (SQLite FTS5) in a file of its own, whatever database the platform uses.

The file belongs to one host; `rag.services.words` brings it in line with SQL.
"""

import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

# Weights of the indexed columns in bm25: path, heading, body, symbols.
WEIGHTS = (2.0, 3.0, 1.0, 1.5)
MAX_TERMS = 40
MAPPED_BYTES = 256 * 1024 * 1024
CACHE_KIB = 16 * 1024
_SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS chunks USING fts5(
    uid UNINDEXED, document UNINDEXED, collection UNINDEXED, path, heading, body, symbols,
    tokenize = "porter unicode61 remove_diacritics 2"
)
"""
_CAMEL = re.compile(r"\b(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z]\w{3,60}\b")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class LexicalRecord:
    """One chunk to index; `document` is the primary key of its document."""

    uid: str
    document: int
    collection: str
    path: str
    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """A matching chunk; a higher `score` (negated bm25) is better."""

    uid: str
    document: int
    collection: str
    score: float


class LexicalStore:
    """One FTS5 table. Connections belong to threads; WAL lets readers go on while an index run writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as connection:
            connection.execute(_SCHEMA)

    def write(self, records: Sequence[LexicalRecord]) -> None:
        """Write or replace chunks by uid."""
        rows = [
            (_rowid(r.uid), r.uid, r.document, r.collection, words(r.path), r.heading, r.body,
             symbols(f"{r.path} {r.body}"))
            for r in records
        ]  # fmt: skip
        with self._transaction() as connection:
            connection.executemany("DELETE FROM chunks WHERE rowid = ?", [row[:1] for row in rows])
            connection.executemany(
                "INSERT INTO chunks(rowid, uid, document, collection, path, heading, body, symbols) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def delete(self, uids: Iterable[str]) -> None:
        """Remove chunks; unknown uids are ignored."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM chunks WHERE rowid = ?", [(_rowid(uid),) for uid in uids])

    def move(self, uids: Iterable[str], collection: str) -> None:
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE chunks SET collection = ? WHERE rowid = ?", [(collection, _rowid(uid)) for uid in uids]
            )

    def search(
        self,
        terms: Sequence[str],
        n: int,
        *,
        collections: Sequence[str] = (),
        documents: Sequence[int] | None = None,
        every: bool = False,
    ) -> list[LexicalHit]:
        """Chunks with any, or with every, of the terms, best first; a term of several words is a phrase."""
        match = (" AND " if every else " OR ").join(
            dict.fromkeys(filter(None, (quoted(term) for term in terms[:MAX_TERMS])))
        )
        if not match or (documents is not None and not documents):
            return []
        conditions, values = ["chunks MATCH ?"], [match]
        if collections:
            conditions.append("collection IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(collections)))
        if documents is not None:
            conditions.append("document IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(documents)))
        weights = ", ".join(str(weight) for weight in (0, 0, 0, *WEIGHTS))
        sql = (  # conditions and weights are our own constants, every value is bound
            f"SELECT uid, document, collection, bm25(chunks, {weights}) AS rank FROM chunks "  # noqa: S608
            f"WHERE {' AND '.join(conditions)} ORDER BY rank LIMIT ?"
        )
        rows = self._connection().execute(sql, (*values, n))
        return [LexicalHit(uid, document, collection, -rank) for uid, document, collection, rank in rows]

    def frequency(self, term: str) -> int:
        """How many chunks contain a term, or all words of it in a row, in any form."""
        if not (match := quoted(term)):
            return 0
        rows = self._connection().execute("SELECT count(*) FROM chunks WHERE chunks MATCH ?", (match,))
        return int(rows.fetchone()[0])

    def vocabulary(self) -> list[str]:
        """All word stems that at least two chunks have."""
        connection = self._connection()
        connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, chunks, row)")
        return [term for (term,) in connection.execute("SELECT term FROM temp.vocabulary WHERE doc > 1")]

    def uids(self) -> set[str]:
        """All uids, for comparing the tiers."""
        return {row[0] for row in self._connection().execute("SELECT uid FROM chunks")}

    def count(self) -> int:
        return int(self._connection().execute("SELECT count(*) FROM chunks").fetchone()[0])

    def clear(self) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM chunks")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            # Ranking reads thousands of rows a question: without a copy of each page that takes half the time.
            connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            self._local.connection = connection
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _rowid(uid: str) -> int:
    """63 bits of the uid's hash: known before the chunk has a row in SQL."""
    return int.from_bytes(hashlib.blake2b(uid.encode(), digest_size=8).digest(), "big") >> 1


def quoted(term: str) -> str:
    """A term as an FTS5 string: no character in it is syntax. '' when nothing of it can match."""
    found = _WORD.findall(term.replace("\0", " "))
    return f'"{" ".join(found)}"' if found else ""


def words(text: str) -> str:
    """A path or name as words: `layer2/DefaultLogger.ts` also matches 'default logger'."""
    return f"{text} {symbols(text)}"


def symbols(text: str) -> str:
    """The words inside camel-case names, once each."""
    names = dict.fromkeys(_CAMEL.findall(text))
    return " ".join(dict.fromkeys(" ".join(_HUMP.findall(name)) for name in names))


@cache
def get_lexical() -> LexicalStore:
    """The full-text index of this installation."""
    return LexicalStore(settings.WEB4_HOME / "lexical.sqlite3")
