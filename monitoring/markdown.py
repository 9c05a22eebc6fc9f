"""Answers as HTML: markdown with raw HTML switched off, because a model's output is input like any other."""

from functools import cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")


def render(text: str) -> SafeString:
    """Safe HTML of a markdown text."""
    return mark_safe(_renderer().render(text))  # noqa: S308 - html is disabled above, so all text is escaped
