"""The house."""

from django.apps import AppConfig


class Web4SiteConfig(AppConfig):
    name = "web4site"
    verbose_name = "Web4 Agent"
