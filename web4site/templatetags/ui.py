"""Small pieces of the design system for templates; loaded everywhere without {% load %}."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# state -> (tone, icon); colour never stands alone, so each state has its own icon and word.
STATES = {
    "queued": ("quiet", "clock"), "running": ("accent", "spin"), "succeeded": ("good", "check"),
    "failed": ("bad", "cross"), "cancelled": ("quiet", "stop"), "passed": ("good", "check"),
    "invalid": ("warn", "warn"), "skipped": ("quiet", "stop"), "indexed": ("good", "check"),
    "pending": ("quiet", "clock"), "approved": ("good", "check"), "rejected": ("bad", "cross"),
    "draft": ("quiet", "pen"), "unfinished": ("warn", "warn"), "frozen": ("accent", "lock"),
    "candidate": ("quiet", "clock"),
    "cleared": ("good", "check"), "live": ("accent", "pulse"), "retired": ("quiet", "stop"),
    "rolled_back": ("warn", "undo"), "deployed": ("good", "rocket"), "no_data": ("quiet", "stop"),
    "below_target": ("warn", "warn"), "baseline": ("warn", "warn"), "not gated": ("warn", "warn"),
    "open": ("warn", "warn"), "confirmed": ("bad", "lock"), "false_alarm": ("quiet", "check"),
    "answered": ("good", "check"), "answering": ("accent", "spin"), "stopped": ("quiet", "stop"),
}  # fmt: skip


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inline icon from the sprite; decorative unless it gets a label."""
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="#i-{}"/></svg>', label, name)
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def badge(state: str, text: str = "") -> SafeString:
    """State as icon, word and colour."""
    tone, image = STATES.get(str(state), ("quiet", "dot"))
    return format_html(
        '<span class="badge badge-{}">{}{}</span>', tone, icon(image), text or str(state).replace("_", " ")
    )


@register.simple_tag
def gate(rate: float, threshold: float, low: float | None = None, high: float | None = None) -> SafeString:
    """Bullet chart of one gate: the rate as a bar, its interval as a whisker, the threshold as a tick (all 0-1)."""
    interval = (
        format_html('<span class="gate-interval" style="left:{}%;right:{}%"></span>', low * 100, 100 - high * 100)
        if low is not None and high is not None
        else ""
    )
    return format_html(
        '<span class="gate" role="img" aria-label="{} against a threshold of {}"{}>'
        '<span class="gate-track"><span class="gate-fill" style="width:{}%"></span></span>{}'
        '<span class="gate-threshold" style="left:{}%"></span></span>',
        percent(rate), percent(threshold), mark_safe(" data-passed") if rate >= threshold else "",
        (rate or 0) * 100, interval, threshold * 100,
    )  # fmt: skip


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """Relative time with the absolute one on hover; a dash for None."""
    if moment is None:
        return mark_safe('<span class="muted">–</span>')
    seconds = (timezone.now() - moment).total_seconds()
    words = rough_span(abs(seconds))
    text = "just now" if abs(seconds) < 5 else (f"{words} ago" if seconds > 0 else f"in {words}")
    absolute = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', absolute.isoformat(), f"{absolute:%Y-%m-%d %H:%M:%S %Z}", text
    )


def rough_span(seconds: float) -> str:
    """One number is enough to say how long ago: 45 s, 12 min, 5 h, 3 days."""
    for size, unit in ((86400 * 2, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / (86400 if unit == 'days' else size):.0f} {unit}"
    return f"{seconds:.0f} s"


@register.filter
def span(seconds: float | None) -> str:
    """A duration in the two words people use: 45 s, 3 min 20 s, 2 h 5 min, 3 days."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 and whole < 600 else "")
    if whole < 48 * 3600:
        return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")
    return f"{whole // 86400} days"


@register.filter
def milliseconds(value: float | str | None) -> str:
    """The duration of that many milliseconds; a dash for none."""
    return span(value / 1000 if isinstance(value, int | float) else None)


@register.filter
def percent(share: float | None, digits: int = 0) -> str:
    """0.953 -> 95 %."""
    return "–" if share is None else f"{share * 100:.{digits}f} %"


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """mapping[key] for templates; '' when missing."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The current query string with some values changed; None or '' removes one, page resets on any other change."""
    params = context["request"].GET.copy()
    if "page" not in changes:
        params.pop("page", None)
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = str(value)
    return "?" + urlencode(list(params.lists()), doseq=True)
