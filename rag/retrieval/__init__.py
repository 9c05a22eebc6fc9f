"""Retrieval: `retrieve(question)` is the one door to the index."""

from rag.retrieval.engine import Hit, Retrieval, retrieve
from rag.retrieval.ranking import Weights

__all__ = ["Hit", "Retrieval", "Weights", "retrieve"]
