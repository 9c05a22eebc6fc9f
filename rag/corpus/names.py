"""What a path says: date, time, slug, agent, role, session and sprint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

_MARKDOWN = re.compile(r"\.(md|markdown)$", re.IGNORECASE)
_PDCA_SUFFIX = re.compile(r"(^|[-._])pdca$", re.IGNORECASE)
_DATED = re.compile(
    r"""^(?P<year>\d{4})-(?P<month>\d{2}|XX)-(?P<day>\d{2}|XX)
        (?:[-_.T ]*(?:UTC)?[-_. ]*(?P<time>\d{6}|\d{4}|\d{2}[:-]\d{2}(?:[:-]\d{2})?)(?=\D|$))?
        (?:[-_. ]*UTC)?[-_. ]*(?P<slug>.*)$""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPACT = re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})-(?P<time>\d{6}|\d{4})(?:[-.](?P<slug>.*))?$")
_TIME_ONLY = re.compile(r"^(?P<time>\d{4}|\d{6})(?:[-._](?P<slug>.*))?$")
_AGENT_ROLE = re.compile(r"^(?P<agent>[A-Za-z][\w-]*)\.(?P<role>[A-Za-z][\w-]*)$")
_SPRINT = re.compile(r"^(?:sprint|iteration)-?(\d+(?:\.\d+)?)", re.IGNORECASE)
_SESSION_PARENTS = {"project.journal", "session", "sessions"}
_ROLE_PARENTS = {"role", "roles"}
_NOT_ROLES = {"_shared", "templates", "pdca"}


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of a journal's file name; an empty string where the name does not say.

    `date` is `YYYY-MM-DD` and a real day, or `YYYY-MM` / `YYYY` where the rest is unknown; `time`
    is `HH:MM` or `HH:MM:SS`. `impossible` holds what looked like a date or time and is none.
    """

    date: str = ""
    time: str = ""
    slug: str = ""
    agent: str = ""
    role: str = ""
    impossible: str = ""
    dated: bool = False
    pdca_suffix: bool = False

    @property
    def stamp(self) -> str:
        """Date and time as one key, used to find a document whose slug was renamed."""
        return f"{self.date} {self.time}" if self.date and self.time else ""


def stem(path: str) -> str:
    """The file name without `.md` and without a `pdca` suffix."""
    base = _MARKDOWN.sub("", PurePosixPath(path).name)
    return _PDCA_SUFFIX.sub("", base)


def parse_name(path: str) -> NameParts:
    """Read a file name in any of the journal's forms; the folder gives the date to `HHMM.slug.md`."""
    base = _MARKDOWN.sub("", PurePosixPath(path).name)
    suffix = bool(_PDCA_SUFFIX.search(base))
    base = _PDCA_SUFFIX.sub("", base)
    if found := _COMPACT.match(base):
        return _parts(found, suffix=suffix)
    if found := _DATED.match(base):
        return _parts(found, suffix=suffix)
    if found := _TIME_ONLY.match(base):
        return _time_only(found, path, suffix=suffix)
    return NameParts(slug=base, pdca_suffix=suffix)


def _parts(found: re.Match[str], *, suffix: bool) -> NameParts:
    day, bad_day = real_date(found["year"], found["month"], found["day"])
    time, bad_time = real_time(found["time"] or "")
    slug = found["slug"] or ""
    who = _AGENT_ROLE.match(slug) if found.re is _COMPACT else None
    return NameParts(
        date=day,
        time=time,
        slug="" if who else slug,
        agent=who["agent"] if who else "",
        role=who["role"] if who else "",
        impossible=" ".join(filter(None, (bad_day, bad_time))),
        dated=True,
        pdca_suffix=suffix,
    )


def _time_only(found: re.Match[str], path: str, *, suffix: bool) -> NameParts:
    folder_date = next((day for part in reversed(PurePosixPath(path).parts[:-1]) if (day := _folder_date(part))), "")
    time, bad_time = real_time(found["time"])
    if not folder_date:
        return NameParts(slug=found["slug"] or "", time=time, impossible=bad_time, pdca_suffix=suffix)
    return NameParts(
        date=folder_date, time=time, slug=found["slug"] or "", impossible=bad_time, dated=True, pdca_suffix=suffix
    )


def _folder_date(folder: str) -> str:
    found = _DATED.match(folder)
    return real_date(found["year"], found["month"], found["day"])[0] if found else ""


def real_date(year: str, month: str, day: str) -> tuple[str, str]:
    """(`YYYY-MM-DD`, "") for a real day, (`YYYY-MM` or `YYYY`, "") for XX, ("", text) for no day."""
    if "XX" in (month.upper(), day.upper()):
        known = f"{year}-{month}" if month.isdigit() and 1 <= int(month) <= 12 else year
        return known, ""
    try:
        return date(int(year), int(month), int(day)).isoformat(), ""
    except ValueError:
        return "", f"{year}-{month}-{day}"


def real_time(digits: str) -> tuple[str, str]:
    """(`HH:MM[:SS]`, "") for a time of day, ("", text) for none; separators are ignored."""
    plain = re.sub(r"\D", "", digits)
    if not plain:
        return "", ""
    pairs = [plain[i : i + 2] for i in range(0, len(plain), 2)]
    limits = (24, 60, 60)
    good = len(pairs) in (2, 3) and all(
        len(pair) == 2 and int(pair) < limit for pair, limit in zip(pairs, limits, strict=False)
    )
    return (":".join(pairs), "") if good else ("", digits)


def path_fields(path: str) -> dict[str, str]:
    """Session, sprint and role as the folders say them."""
    folders = PurePosixPath(path).parts[:-1]
    found: dict[str, str] = {}
    for parent, folder in zip(("", *folders), folders, strict=False):
        if sprint := _SPRINT.match(folder):
            found["sprint"] = sprint[1]
        if parent in _SESSION_PARENTS:
            found["session"] = folder
        if parent.lower() in _ROLE_PARENTS and folder.lower() not in _NOT_ROLES:
            found["agent_role"] = folder
    return found
