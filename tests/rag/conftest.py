"""Stores that start empty, a deterministic embedder, and small corpora to index."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from rag.embedding import get_embedder
from rag.models import Collection
from rag.retrieval.facts import hot_documents
from rag.stores import get_graph, get_lexical, get_vectors
from rag.stores.thesaurus import thesaurus_file

PDCA = """# PDCA: {title}

**Date:** {date}
**Agent:** Vesna
**Agent Role:** Developer
**Sprint:** sprint-4
**Objective:** {title}
{links}

## Plan

We plan to {body}.

## Do

We did it in `components/Kiln/src/layer2/DefaultKiln.ts`.

## Check

- [x] verified by two tests

## Act

Keep the lesson: {body}.
"""


def pdca(title: str, date: str, body: str, *, previous: str = "", following: str = "") -> str:
    """A PDCA of our own, with the links it is given."""
    links = [f"**Previous PDCA:** [{previous}]({previous})"] if previous else []
    links += [f"**Next PDCA:** [{following}]({following})"] if following else []
    return PDCA.format(title=title, date=date, body=body, links="\n".join(links))


def stores_clear() -> None:
    for collection in Collection.values:
        get_vectors().delete(collection, sorted(get_vectors().uids(collection)))
    get_lexical().clear()
    get_graph().clear()
    get_graph().prepare()
    thesaurus_file().unlink(missing_ok=True)
    hot_documents.__init__()  # type: ignore[misc]


@pytest.fixture
def hash_embedder(settings: object) -> Iterator[None]:
    settings.EMBEDDER = "hash"  # type: ignore[attr-defined]
    get_embedder.cache_clear()
    yield
    get_embedder.cache_clear()


@pytest.fixture
def stores(services: None, hash_embedder: None, db: None) -> Iterator[None]:
    """Empty real stores, an empty database, and the deterministic embedder."""
    stores_clear()
    yield
    stores_clear()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three PDCAs in a row, a component, a process document and a topic list."""
    root = tmp_path / "kiln"
    write = writer(root)
    first, second, third = (f"2026-03-0{n}-UTC-0900-{slug}.md" for n, slug in ((2, "crack"), (3, "glaze"), (4, "fire")))
    write(f"journal/{first}", pdca("Cracks in the lid", "2026-03-02", "cool the kiln slowly", following=second))
    write(f"journal/{second}", pdca("Glaze runs off", "2026-03-03", "thin the glaze", previous=first))
    write(f"journal/{third}", pdca("Fire at night", "2026-03-04", "fire the kiln at night", previous=second))
    write(
        "components/Kiln/src/layer2/DefaultKiln.ts",
        "export class DefaultKiln {\n  private heat = 0;\n  constructor() {}\n"
        "  init(s: Scenario) { this.heat = s.heat; }\n}\n",
    )
    write("roles/Potter/process.md", "# Potter: process\n\n## Duties\n\nThe potter weighs the clay twice.\n")
    return root


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    return writer(tmp_path / "kiln")


def writer(root: Path) -> Callable[[str, str | bytes], Path]:
    def write(path: str, content: str | bytes) -> Path:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    return write


@pytest.fixture(scope="session")
def real_embedder_dir() -> Path:
    """The prepared all-MiniLM-L6-v2, made once for the session."""
    from rag.embedding import embedder_prepare

    embedder_prepare()
    return Path(django_settings.EMBEDDER_DIR)
