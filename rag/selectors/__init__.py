"""Reads for pages, commands and the phases above."""

from rag.selectors.documents import (
    EXPORT_COLUMNS,
    Overview,
    TimePosition,
    corpora,
    document_by_path,
    documents_found,
    fault_rows,
    faults_found,
    index_overview,
    index_runs,
    is_known_root,
    time_position,
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
    is_backwards,
    path_between,
)
from rag.selectors.metadata import metadata_shares, parse_report
from rag.selectors.quarantine import quarantine_counts, quarantine_found, quarantine_last
from rag.selectors.tiers import tier_states

__all__ = [
    "EXPORT_COLUMNS",
    "Agent",
    "AgentTimeline",
    "Breadcrumbs",
    "Edge",
    "Node",
    "Overview",
    "TimePosition",
    "agent_by_name",
    "agent_timeline",
    "agents",
    "breadcrumbs",
    "corpora",
    "document_by_path",
    "documents_found",
    "fault_rows",
    "faults_found",
    "index_overview",
    "index_runs",
    "is_backwards",
    "is_known_root",
    "metadata_shares",
    "parse_report",
    "path_between",
    "quarantine_counts",
    "quarantine_found",
    "quarantine_last",
    "tier_states",
    "time_position",
]
