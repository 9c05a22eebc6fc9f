"""All pages; each app owns its own paths."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

from web4site import views

urlpatterns = [
    path("", include("monitoring.urls")),
    path("", include("rag.urls")),
    path("", include("samples.urls")),
    path("", include("training.urls")),
    path("", include("evaluation.urls")),
    path("sign-in/", auth_views.LoginView.as_view(template_name="web4site/sign_in.html"), name="login"),
    path("sign-out/", auth_views.LogoutView.as_view(), name="logout"),
    path("runs/", views.run_list, name="run_list"),
    path("runs/<int:pk>/", views.run_detail, name="run_detail"),
    path("runs/<int:pk>/status/", views.run_status, name="run_status"),
    path("runs/<int:pk>/cancel/", views.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/retry/", views.run_retry, name="run_retry"),
    path("health/", views.health, name="health"),
    path("admin/", admin.site.urls),
]
