"""What `rag.corpus.typescript` reads out of a source text: plain, frozen values, offsets in characters."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node, Tree


@dataclass(frozen=True, slots=True)
class TsConstructor:
    """A constructor with a body. `faults` says, in words, what it does beyond an optional plain `super(...)`."""

    start: int
    end: int
    parameters: tuple[str, ...]
    faults: tuple[str, ...]
    has_parameter_property: bool
    has_logic: bool


@dataclass(frozen=True, slots=True)
class TsMethod:
    """A method, accessor or function-valued property of a class.

    `kind`: method, getter, setter, arrow, abstract or signature. `has_body` is false for the last two.
    """

    name: str
    kind: str
    start: int
    end: int
    is_static: bool
    is_async: bool
    is_private: bool
    parameters: tuple[str, ...]
    doc: str

    @property
    def has_body(self) -> bool:
        return self.kind not in ("abstract", "signature")


@dataclass(frozen=True, slots=True)
class TsField:
    """A field declaration; `type` is the annotation as written, "" without one."""

    name: str
    start: int
    end: int
    is_static: bool
    is_private: bool
    type: str


@dataclass(frozen=True, slots=True)
class TsClass:
    """A class declaration or expression; `start` and `end` are character offsets, `export` left out."""

    name: str
    start: int
    end: int
    extends: str | None
    implements: tuple[str, ...]
    constructor: TsConstructor | None
    methods: tuple[TsMethod, ...]
    fields: tuple[TsField, ...]
    is_abstract: bool
    doc: str


@dataclass(frozen=True, slots=True)
class TsInterface:
    """An interface declaration with the names it extends and declares."""

    name: str
    start: int
    end: int
    extends: tuple[str, ...]
    members: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class TsFunction:
    """A function of the module or of a namespace in it, arrow constants included."""

    name: str
    start: int
    end: int
    parameters: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class TsImport:
    """`names` are the names as exported by `source`; a default import is `default`, `* as x` is `*`."""

    source: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed source text. `tree` is tree-sitter's, for readers that need the syntax itself."""

    source: str
    classes: tuple[TsClass, ...]
    interfaces: tuple[TsInterface, ...]
    functions: tuple[TsFunction, ...]
    imports: tuple[TsImport, ...]
    uses_jest_global: bool
    has_errors: bool
    tree: Tree = field(repr=False, compare=False)

    @property
    def root(self) -> Node:
        return self.tree.root_node
