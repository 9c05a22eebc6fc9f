"""Retrieval: `retrieve(question)` is the one door to the index."""

from rag.retrieval.engine import Hit, Retrieval, retrieve
from rag.retrieval.parameters import Parameters

__all__ = ["Hit", "Parameters", "Retrieval", "retrieve"]
