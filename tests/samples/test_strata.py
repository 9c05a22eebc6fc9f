"""Hold-out and training: who belongs together, and how evenly both are spread."""

import pytest

from rag.corpus.types import DocumentKind
from samples.generators.sources import Library, Source
from samples.holdout import hold_out_keys
from samples.plan import Part, Plan
from samples.services.strata import Stratum, comparable, distance

PLAN = Plan((Part("style_core", "five_layers", 900, (1, 9)),), eval_target=60)


def journal(number: int, month: str, role: str, length: int = 400) -> Source:
    return Source(number, f"{month}/{role}/{number}.md", DocumentKind.PDCA, "", "x" * length, f"{month}-01", role)


def script(number: int, component: str, name: str) -> Source:
    path = f"components/{component}/1.0.0/src/{name}"
    return Source(number, path, DocumentKind.TYPESCRIPT, name, "class A {}")


def test_every_month_and_role_gives_its_share() -> None:
    sources = [
        journal(number, f"2031-0{number % 4 + 1}", ("baker", "miller", "driver")[number % 3], 300 + number % 200)
        for number in range(600)
    ]
    held = hold_out_keys(Library.of(sources), PLAN, seed=3)
    for value in ("2031-01", "2031-04", "baker", "driver"):
        of_it = [source for source in sources if value in source.path]
        share = sum(source.key in held for source in of_it) / len(of_it)
        assert share == pytest.approx(60 / 960 * 1.7, abs=0.03)
    assert held == hold_out_keys(Library.of(sources), PLAN, seed=3) != hold_out_keys(Library.of(sources), PLAN, seed=4)


def test_the_files_of_one_class_stay_together_and_a_large_component_is_on_both_sides() -> None:
    stems = [
        f"{first}{second}" for first in ("Oven", "Dough", "Crust", "Flour") for second in ("Timer", "Store", "Log")
    ]
    files = [
        name.format(stem) for stem in stems for name in ("Default{}.ts", "{}.interface.ts", "{}Model.ts", "{}.test.ts")
    ]
    sources = [script(number, "Bakery", name) for number, name in enumerate(files)]
    held = hold_out_keys(Library.of(sources), PLAN, seed=0)
    assert held and len(held) < len(sources) / 2
    for stem in stems:
        assert len({source.key in held for source in sources if stem in source.path}) == 1


def test_a_kind_of_two_gives_one_and_a_kind_of_one_none() -> None:
    pair = [journal(1, "2031-01", "baker"), journal(2, "2031-02", "miller")]
    assert len(hold_out_keys(Library.of(pair), PLAN, seed=0)) == 1
    assert not hold_out_keys(Library.of(pair[:1]), PLAN, seed=0)
    assert not hold_out_keys(Library.of(pair), Plan(PLAN.parts), seed=0)


def stratum(training: int, held_out: int, documents: int, aside: int) -> Stratum:
    return Stratum(training, held_out, {f"t{n}" for n in range(documents)}, {f"h{n}" for n in range(aside)})


def test_what_cannot_stand_on_both_sides_is_compared_together() -> None:
    strata = {"Oven": stratum(900, 90, 90, 9), "Till": stratum(50, 0, 5, 0), "Sign": stratum(0, 5, 0, 1)}
    assert distance(strata) == pytest.approx((50 / 950 + 5 / 95 + abs(900 / 950 - 90 / 95)) / 2)
    merged = comparable(strata)
    assert list(merged) == ["Oven", "2 that are too small to be on both sides"]
    assert distance(merged) == pytest.approx(0)


def test_sides_that_share_nothing_are_as_far_apart_as_can_be() -> None:
    assert distance({"a": stratum(10, 0, 50, 0), "b": stratum(0, 10, 0, 50)}) == 1
    assert distance({"a": stratum(10, 0, 5, 0)}) == 1
