"""style_core, the five layers: the imports of a file, and who uses what it exports."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft
from samples.generators.layers import (
    TYPE,
    declared,
    drawn,
    imports_text,
    list_declared,
    relative,
    role_of,
)
from samples.generators.project import Import
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import drawn_on, listed, mentions, shown_code
from samples.generators.wording import instruct


def write_import(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The import line between two files, with the way the relative path goes."""
    for found in context.library.project.imports.get(source.path, ()):
        if found.target is None or not found.names or "*" in found.names or "default" in found.names:
            continue
        if relative(source.path, found.target.path) != found.specifier.replace(".ts", ".js"):
            continue
        line = import_line(source, found)
        if not line or len(line) > 300:
            continue
        folder, goal = posixpath.dirname(source.path), posixpath.dirname(found.target.path)
        ups, below = found.specifier.count("../"), found.specifier.replace("../", "")
        way = (
            f"`{goal}` is the folder of the importing file itself"
            if folder == goal
            else f"from `{folder}` it goes up {ups} level{'s' * (ups != 1)}, then to `{below}`"
        )
        kinds = _kinds(found)
        needing = shown_code(source, declared(source, 900)) if classes(source) else _uses(source, found)
        if not needing:
            continue
        users = [name for name in found.names if any(name in c.implements for c in source.module.classes)]
        contract = f" {listed(users)} is the contract that the importing class implements." if users else ""
        yield file_draft(
            TYPE,
            "write_import",
            source,
            instruct(
                "write_import", context.rng, names=listed(found.names), importer=source.path, target=found.target.path
            ),
            f"{fence(line)}\n\nThe path is relative: {way}. {kinds}{contract}".strip(),
            input=f"{needing}\n\n{shown_code(found.target, _named_in(found, 900))}",
            **drawn_on(source, (found.target,)),
        )


def _uses(source: Source, found: Import) -> str:
    """The lines of a file without classes that need what it imports."""
    lines = [
        line.strip() for line in source.text.splitlines() if any(re.search(rf"\b{n}\b", line) for n in found.names)
    ]
    kept = [line for line in lines if not line.startswith(("import", "*", "//", "export {", "}")) and len(line) < 160]
    return shown_code(source, "\n".join(kept[:5])) if kept else ""


def import_line(source: Source, found: Import) -> str:
    for line in imports_text(source).replace("\n  ", " ").splitlines():
        if f'"{found.specifier}"' in line or f"'{found.specifier}'" in line:
            return line.strip()
    return ""


def _kinds(found: Import) -> str:
    """What kind of thing the names are, in their file."""
    if found.target is None:
        return ""
    declared = {i.name: "an interface" for i in found.target.module.interfaces}
    declared |= {c.name: "a class" for c in found.target.module.classes}
    told = []
    for kind in ("an interface", "a class"):
        names = [name for name in found.names if declared.get(name) == kind]
        if names:
            many = f"are {'interfaces' if kind == 'an interface' else 'classes'}" if len(names) > 1 else f"is {kind}"
            told.append(f"{listed(names)} {many} there.")
    return " ".join(told)


def _named_in(found: Import, limit: int) -> str:
    """The declarations of the imported names."""
    target = found.target
    if target is None:
        return ""
    pieces = [code.declared_interface(target.module, i) for i in target.module.interfaces if i.name in found.names]
    pieces += [code.outline(target.module, c) for c in target.module.classes if c.name in found.names]
    kept = [piece for piece in pieces if len(piece) <= limit]
    return "\n\n".join(kept[:3]) or declared(target, limit)


def trace_users(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which files a change to a class reaches, directly and one step further."""
    project = context.library.project
    for cls in classes(source):
        users = project.users_of(source, cls.name)
        if not users:
            continue
        lines = []
        for user in users[:6]:
            line = f"`{user.path}` ({role_of(user.path)})"
            made = len(user.facts.created.get(cls.name, ()))
            line += f", creates it {made} time{'s' if made > 1 else ''}" if made else ""
            line += ", inherits from it" if any(c.extends == cls.name for c in user.module.classes) else ""
            lines.append(line)
        shown = "\n\n".join(mentions(user, cls.name, 6) for user in users[:6])
        yield class_draft(
            TYPE,
            "trace_users",
            source,
            cls,
            instruct("trace_users", context.rng, name=cls.name),
            f"These files import `{cls.name}`:\n\n{bullets(lines)}",
            input=f"{shown_code(source, code.outline(source.module, cls))}\n\nWho names it:\n\n{shown}",
            parses="",
            **drawn(source, users[:6]),
        )


def write_imports(source: Source, context: Context) -> Iterator[SampleDraft]:
    """All relative imports of a file, given what the files around it declare."""
    found = [i for i in context.library.project.imports.get(source.path, ()) if i.target is not None and i.names]
    plain = [i for i in found if not {"*", "default"} & set(i.names)]
    lines = [line for i in plain if (line := import_line(source, i))]
    if len(plain) < 2 or len(lines) != len(plain) or len(plain) != len(found):
        return
    targets = list(dict.fromkeys(i.target.path for i in plain if i.target))
    others = [i.target for i in plain if i.target is not None]
    offered = "\n".join(
        f"- `{other.path}`: {list_declared(other) or listed(i.names)}" for i, other in zip(plain, others, strict=True)
    )
    body = declared(source, 2200)
    if "// ..." in body or len(targets) < 2:
        return
    ways = [f"`{i.specifier}` is `{i.path}` ({role_of(i.path)})" for i in plain[:8]]
    yield file_draft(
        TYPE,
        "write_imports",
        source,
        instruct("write_imports", context.rng, path=source.path),
        f"{fence(chr(10).join(lines))}\n\n{bullets(ways)}",
        input=f"Files and what they declare:\n\n{offered}\n\n{shown_code(source, body)}",
        **drawn_on(source, others),
    )
