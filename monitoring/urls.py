"""Pages of Phase 4, and the overview over all phases."""

from django.urls import path

from monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("overview/state/", views.overview_state, name="overview_state"),
    path("cycle/start/", views.cycle_start, name="cycle_start"),
    path("chat/", views.chat, name="chat"),
    path("chat/<int:pk>/", views.chat_detail, name="chat_detail"),
    path("chat/ask/", views.chat_ask, name="chat_ask"),
    path("chat/queries/<int:pk>/", views.query_exchange, name="query_exchange"),
    path("chat/queries/<int:pk>/stream/", views.query_stream, name="query_stream"),
    path("chat/queries/<int:pk>/feedback/", views.query_feedback, name="query_feedback"),
    path("monitoring/", views.dashboard, name="dashboard"),
    path("monitoring/latency/", views.latency_plot, name="latency_plot"),
    path("monitoring/queries/", views.query_list, name="query_list"),
    path("evening/", views.evening_list, name="evening_list"),
    path("evening/start/", views.evening_start, name="evening_start"),
    path("alerts/<int:pk>/acknowledge/", views.alert_acknowledge, name="alert_acknowledge"),
]
