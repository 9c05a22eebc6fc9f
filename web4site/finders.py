"""Serves plotly.js out of the installed plotly package: no copy in the repository, no CDN."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

NAME = "plotly/plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Finds exactly one file, `plotly/plotly.min.js`."""

    def _folder(self) -> Path:
        from importlib.util import find_spec

        spec = find_spec("plotly")
        assert spec is not None and spec.origin is not None
        return Path(spec.origin).parent / "package_data"

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []
        found = str(self._folder() / "plotly.min.js")
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        storage = FileSystemStorage(location=self._folder())
        storage.prefix = "plotly"  # type: ignore[attr-defined]
        yield "plotly.min.js", storage
