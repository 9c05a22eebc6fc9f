"""Reads for pages, commands and the phases above."""

from rag.selectors.documents import (
    EXPORT_COLUMNS,
    Overview,
    corpora,
    document_by_path,
    documents_found,
    index_overview,
    is_known_root,
)
from rag.selectors.graph import (
    Agent,
    AgentTimeline,
    Breadcrumbs,
    Edge,
    Node,
    agent_by_name,
    agent_timeline,
    agents,
    breadcrumbs,
    path_between,
)
from rag.selectors.quarantine import quarantine_found

__all__ = [
    "EXPORT_COLUMNS",
    "Agent",
    "AgentTimeline",
    "Breadcrumbs",
    "Edge",
    "Node",
    "Overview",
    "agent_by_name",
    "agent_timeline",
    "agents",
    "breadcrumbs",
    "corpora",
    "document_by_path",
    "documents_found",
    "index_overview",
    "is_known_root",
    "path_between",
    "quarantine_found",
]
