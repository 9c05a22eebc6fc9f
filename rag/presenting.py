"""Search results in words and marks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from rag.retrieval.engine import Hit
    from rag.retrieval.question import Question

EXCERPT = 380
LEAD = 80
STEM = 6
MANY_STEPS = 50
ROUTES = {
    "semantic": "by meaning and words",
    "breadcrumb": "along the breadcrumbs",
    "temporal": "by time",
    "hybrid": "by meaning and names together",
}
FIELD_WORDS = {"agent_name": "agent", "agent_role": "role", "sprint": "sprint", "session": "session"}
# Marks of emphasis, headings, fences and quotes: in an excerpt they are noise.
_MARKUP = re.compile(r"\*\*|^\s*(?:#{1,6}|>)\s|`{3,}\w*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with the piece of its text that has most of the question's words, marked."""

    hit: "Hit"
    heading: str
    excerpt: SafeString
    reasons: tuple[str, ...]


def show_hits(question: "Question", hits: Iterable["Hit"]) -> list[ShownHit]:
    pattern = _pattern((*question.phrases, *question.literals, *question.terms))
    return [ShownHit(hit, _heading(hit), excerpt(hit.text, pattern), tuple(hit.why.split(", "))) for hit in hits]


def _heading(hit: "Hit") -> str:
    """Where in the document; its title stands above already."""
    return " › ".join(part for part in hit.heading.split(" > ") if part != hit.title)


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Words in all their forms: longer ones by their first letters."""
    forms = (re.escape(word[:STEM]) + (r"\w*" if len(word) >= STEM else r"\b") for word in words if word.strip())
    whole = "|".join(forms)
    return re.compile(rf"(?<!\w)(?:{whole})", re.IGNORECASE) if whole else None


def excerpt(text: str, pattern: re.Pattern[str] | None) -> SafeString:
    """About 380 characters around the most matches, escaped, the matches in `<mark>`."""
    start, end = _window(text, pattern)
    piece = " ".join(_MARKUP.sub("", text[start:end]).split())
    marked = _marked(piece, pattern) if pattern else format_html("{}", piece)
    return format_html("{}{}{}", "… " if start else "", marked, " …" if end < len(text) else "")


def _window(text: str, pattern: re.Pattern[str] | None) -> tuple[int, int]:
    """The window with the most different words of the question in it, begun at a space."""
    matches = [(match.start(), match[0].lower()) for match in pattern.finditer(text)] if pattern else []
    if not matches or len(text) <= EXCERPT:
        return 0, min(len(text), EXCERPT)

    def variety(begin: int) -> int:
        return len({word for at, word in matches if begin <= at < begin + EXCERPT - LEAD})

    best = max((at for at, _ in matches), key=lambda at: (variety(at), -at))
    start = max(0, min(best - LEAD, len(text) - EXCERPT))
    start = text.find(" ", start, best) + 1 if start else 0
    return start, min(len(text), start + EXCERPT)


def _marked(text: str, pattern: re.Pattern[str]) -> SafeString:
    pieces: list[tuple[SafeString]] = []
    at = 0
    for match in pattern.finditer(text):
        pieces.append((format_html("{}<mark>{}</mark>", text[at : match.start()], match[0]),))
        at = match.end()
    return format_html("{}{}", format_html_join("", "{}", pieces), text[at:])


def read_as(question: "Question") -> str:
    """How the question was understood, in one line."""
    parts = [ROUTES[question.route]]
    if question.period:
        parts.append(f"dated {question.period}" + (f", {question.hours}" if question.hours else ""))
    if question.order:
        parts.append(f"{question.order} first")
    parts += [f"{FIELD_WORDS.get(name, name)} {value}" for name, value in question.people]
    parts += _whereto(question)
    if question.symbols:
        parts.append(f"naming {', '.join(question.symbols)}")
    if question.terms:
        parts.append(f"about {', '.join(question.terms)}")
    return "; ".join(parts)


def _whereto(question: "Question") -> list[str]:
    """Where the question goes along the breadcrumbs, and from which documents."""
    near = ", ".join(question.ids)
    if question.between:
        return [f"the way between {near}" if near else "the way between two documents"]
    parts = []
    if question.direction:
        reach = "as far as it goes" if question.depth >= MANY_STEPS else f"{question.depth} step(s)"
        side = "before and after" if question.direction == "both" else question.direction
        parts.append(f"what came {side}, {reach}")
    return parts + ([f"near {near}"] if near else [])


def why_nothing(question: "Question", filtered: bool) -> str:
    """Why there is no hit, and what to change."""
    if filtered:
        return "No document that passes the filters is about this: take a filter away."
    if question.ids and question.direction:
        return f"No breadcrumb leads from {', '.join(question.ids)} that way, and nothing else was close enough."
    if question.period:
        return f"No document dated {question.period} is about this."
    if question.terms:
        return (
            "No chunk is close enough in meaning, and none has enough of these words together: "
            f"{', '.join(question.terms)}."
        )
    return "The question has no word, name or date to look for."
