"""Pages: one module per room."""

from monitoring.views.chat import chat, chat_ask, chat_detail, query_exchange, query_feedback, query_stream
from monitoring.views.dashboard import alert_acknowledge, dashboard, latency_plot, query_list
from monitoring.views.evening import evening_list, evening_start
from monitoring.views.overview import cycle_start, overview, overview_state

__all__ = [
    "alert_acknowledge",
    "chat",
    "chat_ask",
    "chat_detail",
    "cycle_start",
    "dashboard",
    "evening_list",
    "evening_start",
    "latency_plot",
    "overview",
    "overview_state",
    "query_exchange",
    "query_feedback",
    "query_list",
    "query_stream",
]
