"""Unique names for adapters and builds."""

from typing import Any

from django.db.models import Model


def free_name(model: type[Model], stem: str) -> str:
    """`stem`, or `stem-2`, `stem-3`, ... when rows with that name exist."""
    rows: Any = model._default_manager
    name, number = stem, 1
    while rows.filter(name=name).exists():
        number += 1
        name = f"{stem}-{number}"
    return name
