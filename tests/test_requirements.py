"""Everything that is installed, directly or along with something else, has its version written down."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-models.txt", "requirements-bench.txt")
PIN = re.compile(r"^([\w.-]+)(\[[\w,]+\])?==([\w.]+)", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    return {canonicalize_name(package): version for package, _, version in PIN.findall((ROOT / name).read_text())}


def _brought_along(roots: set[str]) -> dict[str, str]:
    """Names and versions of the installed packages that `roots` need, and so on."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another platform, or an extra nobody asked for
            continue
        found[name] = package.version.split("+")[0]
        requirements = map(Requirement, package.requires or ())
        waiting += [need.name for need in requirements if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def test_every_package_brought_along_is_pinned_to_what_is_installed() -> None:
    direct = _pins("requirements.txt") | _pins("requirements-dev.txt")
    pinned = direct | _pins("constraints.txt")
    # pip and setuptools belong to the environment, not to the project.
    needed = {
        name: version for name, version in _brought_along(set(direct)).items() if name not in {"pip", "setuptools"}
    }
    assert {name: pinned.get(name) for name in needed} == needed


def test_what_benchmarks_compare_with_brings_nothing_along() -> None:
    pinned = {name: version for file in FILES for name, version in _pins(file).items()} | _pins("constraints.txt")
    brought = _brought_along(set(_pins("requirements-bench.txt")))
    needed = {name: version for name, version in brought.items() if name not in {"pip", "setuptools"}}
    assert {name: pinned.get(name) for name in needed} == needed


def test_no_package_is_pinned_twice() -> None:
    direct = {name for file in FILES for name in _pins(file)}
    assert not direct & set(_pins("constraints.txt"))
