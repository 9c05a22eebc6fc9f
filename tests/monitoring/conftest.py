"""Fixtures of Phase 4: clean stores, something live, a scripted model server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.models import Deployment
from tests.monitoring.model_server import ModelServer, serving
from training.models import Build


@pytest.fixture
def hash_embedder(settings) -> Iterator[None]:
    """Ranking by meaning is beside the point here."""
    from rag.embedding import get_embedder

    settings.EMBEDDER = "hash"
    get_embedder.cache_clear()
    yield
    get_embedder.cache_clear()


@pytest.fixture
def stores(services: None, hash_embedder: None, db: None) -> None:
    """The real stores, emptied of what earlier tests left."""
    from rag.models import Collection
    from rag.stores import get_graph, get_lexical, get_vectors

    get_graph().clear()
    get_lexical().clear()
    for collection in Collection.values:
        if uids := get_vectors().uids(collection):
            get_vectors().delete(collection, sorted(uids))


@pytest.fixture
def model(settings) -> Iterator[ModelServer]:
    """Whoever asks the live model asks this one."""
    with serving(settings.MODEL_PORT) as script:
        yield script


@pytest.fixture
def baseline(db: None, tmp_path: Path) -> Deployment:
    """The untrained base, live."""
    gguf = tmp_path / "base.gguf"
    gguf.write_bytes(b"GGUF base")
    build = Build.objects.create(name="base-q4", base_model="tiny", gguf=str(gguf), quantization="Q4_K_M", bytes=9)
    deployment = Deployment.objects.create(build=build, kind=Deployment.Kind.BASELINE)
    deployment.move(Deployment.Status.LIVE, allowed_from=(Deployment.Status.CANDIDATE,), comment="untrained")
    return deployment
