"""One adapter per tier; the temporal tier is `rag.models`."""

from rag.stores.graph import GraphStore, get_graph
from rag.stores.lexical import LexicalStore, get_lexical
from rag.stores.thesaurus import Thesaurus, get_thesaurus
from rag.stores.vectors import VectorStore, get_vectors

__all__ = [
    "GraphStore",
    "LexicalStore",
    "Thesaurus",
    "VectorStore",
    "get_graph",
    "get_lexical",
    "get_thesaurus",
    "get_vectors",
]
