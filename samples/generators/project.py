"""The TypeScript of the corpus as a whole: who imports whom, who creates whom, which tests there are."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.corpus.typescript import TsClass, TsInterface, layer_of

if TYPE_CHECKING:
    from samples.generators.sources import Source

_SUFFIX = re.compile(r"\.(?:js|ts|mjs|tsx)$")


@dataclass(frozen=True, slots=True)
class Import:
    """One relative import: `path` is what it points to, `target` that file where the corpus has it."""

    importer: Source
    specifier: str
    names: tuple[str, ...]
    path: str
    target: Source | None

    @property
    def layer(self) -> int | None:
        return layer_of(self.path)


class Project:
    """Built once for a library."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.sources = [source for source in sources if not source.module.has_errors]
        self._by_stem = {_SUFFIX.sub("", source.path): source for source in self.sources}
        self.imports: dict[str, list[Import]] = {}
        self.importers: dict[str, list[Import]] = defaultdict(list)
        for source in self.sources:
            self.imports[source.path] = [self._resolve(source, i.source, i.names) for i in source.module.imports]
            self.imports[source.path] = [found for found in self.imports[source.path] if found.path]
            for found in self.imports[source.path]:
                if found.target is not None:
                    self.importers[found.target.path].append(found)
        self.interfaces: dict[str, list[tuple[Source, TsInterface]]] = defaultdict(list)
        self.classes: dict[str, list[tuple[Source, TsClass]]] = defaultdict(list)
        for source in self.sources:
            for interface in source.module.interfaces:
                self.interfaces[interface.name].append((source, interface))
            for cls in source.module.classes:
                self.classes[cls.name].append((source, cls))

    def _resolve(self, source: Source, specifier: str, names: tuple[str, ...]) -> Import:
        if not specifier.startswith("."):
            return Import(source, specifier, names, "", None)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), specifier))
        path = path.replace("/dist/ts/", "/src/ts/")
        stem = _SUFFIX.sub("", path)
        target = self._by_stem.get(stem) or self._by_stem.get(f"{stem}/index")
        return Import(source, specifier, names, target.path if target else f"{stem}.ts", target)

    def interface_of(self, source: Source, name: str) -> tuple[Source, TsInterface] | None:
        """The declaration of an interface as this file sees it: its own, an imported one, else none."""
        seen = [source, *(i.target for i in self.imports.get(source.path, ()) if i.target and name in i.names)]
        for candidate in seen:
            for interface in candidate.module.interfaces:
                if interface.name == name:
                    return candidate, interface
        return None

    def seen_class(self, source: Source, name: str) -> tuple[Source, TsClass] | None:
        """The class that a name means in this file: its own, an imported one, else none."""
        seen = [source, *(i.target for i in self.imports.get(source.path, ()) if i.target and name in i.names)]
        for candidate in seen:
            for cls in candidate.module.classes:
                if cls.name == name:
                    return candidate, cls
        return None

    def users_of(self, source: Source, name: str) -> list[Source]:
        """Files that import `name` from this file, each once, in order of path."""
        found = {i.importer.path: i.importer for i in self.importers.get(source.path, ()) if name in i.names}
        return [found[path] for path in sorted(found)]
