"""Dual links and bracketed PDCA file names."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_DUAL = re.compile(r"\[GitHub\]\(([^()\s]*)\)\s*\|\s*\[([^\[\]]*)\]\(([^()\s]*)\)", re.IGNORECASE)
_PDCA_NAME = re.compile(r"`?\[`?([^\[\]\s`]+\.md)`?\](?:\(([^()\s]*)\))?`?")
_DATED = re.compile(r"^\d{4}-?\d{2}-?\d{2}")
_TEMPLATE_NAME = re.compile(r"Y{2,4}|H{2}M{2}|D{2}-|X{3}|^tbd|^todo|^slug|<|\{")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")


def dual_link_faults(text: str) -> tuple[list[str], list[str]]:
    """The well-formed dual links of a text, and what is wrong with the others.

    A dual link reads `[GitHub](https://...) | [§/path](path)`; both halves name the same file.
    """
    good: list[str] = []
    faults: list[str] = []
    for match in _DUAL.finditer(text):
        fault = _dual_fault(*match.groups())
        if fault:
            faults.append(fault)
        else:
            good.append(match[0])
    for label, target in _MARKDOWN_LINK.findall(_DUAL.sub(" ", text)):
        fault = _single_fault(label.strip(), target.strip())
        if fault:
            faults.append(fault)
    return good, faults


def breadcrumb_fault(value: str) -> str | None:
    """Why the value of a PRECEDES or FOLLOWS line is no well-formed link, or None where it is one."""
    good, faults = dual_link_faults(value)
    if faults:
        return faults[0]
    if good:
        return None
    names = list(_PDCA_NAME.finditer(value))
    if not names:
        return "is neither a dual link nor a bracketed PDCA file name"
    return next((f"`{name[1]}` is no PDCA file name" for name in names if not _is_pdca_name(name[1])), None)


def _dual_fault(github: str, label: str, local: str) -> str | None:
    url = urlsplit(github) if _parses(github) else None
    if url is None or url.scheme not in ("https", "http") or not url.netloc or not url.path.strip("/"):
        return "the GitHub half has no https address"
    if not label.startswith("§"):
        return "the local half has no § label"
    if not local or "://" in local or "TBD" in local.upper():
        return "the local half has no path"
    shown = label.removeprefix("§")
    if not (_same_file(url.path, shown) and _same_file(shown, local)):
        return "the two halves name different files"
    return None


def _single_fault(label: str, target: str) -> str | None:
    if target.lower().startswith("file:"):
        return "a file:// link"
    if not target or target.strip("<># ").upper() in ("TBD", "TODO", "N/A", "...", "…", "URL", "LINK", ""):
        return f"[{label}] has no target"
    if label.lower() == "github":
        return "a GitHub link without its local half"
    if label.startswith("§"):
        return "a local link without its GitHub half"
    return None


def _parses(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True


def _same_file(one: str, other: str) -> bool:
    """Whether the shorter path is the end of the longer one; leading `./` and `../` do not matter."""
    a, b = _parts(one), _parts(other)
    shared = min(len(a), len(b))
    return shared > 0 and a[-shared:] == b[-shared:]


def _parts(path: str) -> list[str]:
    bare = unquote(path.split("#", 1)[0].split("?", 1)[0])
    return [part for part in bare.split("/") if part not in ("", ".", "..")]


def _is_pdca_name(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    if _TEMPLATE_NAME.search(base):
        return False
    stem = base.removesuffix(".md")
    return bool(_DATED.match(base)) or (stem.endswith((".pdca", "-pdca")) and len(stem) > 5)
