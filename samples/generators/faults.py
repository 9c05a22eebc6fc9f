"""Good classes made wrong in known ways: the mutation, what it breaks, and why that matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.corpus.typescript import Module, TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context

Mutation = Callable[[Module, TsClass, code.Spans], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """`constructor` faults are those that the judge of the empty constructor must find."""

    mutate: Mutation
    finding: str
    why: str
    repaired: str
    constructor: bool = True


FAULTS: dict[str, Fault] = {
    "constructor_logic": Fault(
        code.with_constructor_logic,
        "The constructor of `{name}` does the set-up",
        "An object can no longer be created without data, and a failure leaves half an object behind",
        "The constructor did the set-up, so nobody could create the object without it. The set-up moved to `init`",
    ),
    "parameter_properties": Fault(
        code.with_parameter_properties,
        "The constructor of `{name}` declares parameter properties, which are assignments in disguise",
        "The class cannot be created empty and filled from a scenario",
        "Parameter properties assign in the constructor. The fields are declared as fields, and `init` fills them",
    ),
    "init_call": Fault(
        code.with_init_call,
        "The constructor of `{name}` calls `init`",
        "That is set-up at creation under another name: nobody can have the object without its data",
        "The constructor no longer calls `init`; the caller does, when the data is there",
    ),
    "initialisers": Fault(
        code.with_assigned_fields,
        "The constructor of `{name}` assigns first values",
        "Constants belong to the declaration of the field, where a reader looks for them; the constructor stays empty",
        "First values moved from the constructor to the declarations of the fields",
    ),
    "public_state": Fault(
        code.with_public_state,
        "`{name}` shows its state in public fields",
        "Anybody can change it without the object noticing",
        "The state was public, so anybody could change it behind the object's back. It is private again",
        constructor=False,
    ),
}


def kept_methods(cls: TsClass, context: Context, count: int) -> list[TsMethod]:
    """Some methods other than `init`, in the order of the class."""
    others = [m for m in cls.methods if m.name != "init" and m.has_body]
    chosen = context.pick(others, count)
    return sorted(chosen, key=lambda m: m.start)
