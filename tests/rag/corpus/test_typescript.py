"""Reading TypeScript: structure, offsets, the empty-constructor rule, patterns, hostile text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus.typescript import has_init, layer_of, parse_typescript, patterns_of

LAMP = """import { Scenario } from "../layer3/Scenario";
import * as fs from 'node:fs';

/** Ein Lämpchen für die Küche. */
export class Lamp<T> extends Device<T> implements Switchable, Named<string> {
  #on = false;
  private watts: number = 0;
  static made = 0;

  constructor() { super(); }

  /**
   * Takes its state over.
   */
  async init(scenario: Scenario): Promise<this> { return this; }
  toScenario = (): Scenario => ({ watts: this.watts });
  static start(): void {}
  get power() { return this.watts; }
}
"""


def faults(constructor: str) -> tuple[str, ...]:
    module = parse_typescript(f"class A extends B {{ {constructor} }}")
    assert not module.has_errors, constructor
    built = module.classes[0].constructor
    assert built is not None
    return built.faults


def test_reads_a_class():
    module = parse_typescript(LAMP)
    (lamp,) = module.classes
    assert not module.has_errors
    assert (lamp.name, lamp.extends, lamp.implements) == ("Lamp", "Device", ("Switchable", "Named"))
    assert lamp.doc == "Ein Lämpchen für die Küche."
    assert [(m.name, m.kind) for m in lamp.methods] == [
        ("init", "method"),
        ("toScenario", "arrow"),
        ("start", "method"),
        ("power", "getter"),
    ]
    init = lamp.methods[0]
    assert init.is_async and not init.is_static and init.parameters == ("scenario: Scenario",)
    assert init.doc == "Takes its state over."
    assert [(f.name, f.is_private, f.is_static, f.type) for f in lamp.fields] == [
        ("#on", True, False, ""),
        ("watts", True, False, "number"),
        ("made", False, True, ""),
    ]
    assert [(i.source, i.names) for i in module.imports] == [
        ("../layer3/Scenario", ("Scenario",)),
        ("node:fs", ("*",)),
    ]


def test_offsets_count_characters_not_bytes():
    (lamp,) = parse_typescript(LAMP).classes
    assert LAMP[lamp.start :].startswith("class Lamp<T>") and LAMP[: lamp.end].endswith("}")
    init = lamp.methods[0]
    assert LAMP[init.start : init.end].startswith("async init(") and LAMP[init.start : init.end].endswith("}")


def test_reads_interfaces_functions_and_nested_classes():
    module = parse_typescript(
        "export interface Box extends Thing, Named<string> { size: number; open(): void }\n"
        "function lid() {}\nexport const shut = (a: number) => a;\n"
        "namespace Inner { export function deep() {} class Core {} }\n"
        "const Made = class { init() { function local() {} } };\n"
    )
    (box,) = module.interfaces
    assert (box.name, box.extends, box.members) == ("Box", ("Thing", "Named"), ("size", "open"))
    assert [f.name for f in module.functions] == ["lid", "shut", "deep"]
    assert [c.name for c in module.classes] == ["Core", "Made"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("export default class Gauge<T extends Tide = Tide> extends Base<T> { read() {} }", ["Gauge"]),
        ("export default class { read() {} }", [""]),
        ("\ufeffexport class Gauge { read() {} }", ["Gauge"]),
        ("@Part({ name: 'x' })\nexport class Gauge { @Input() private name = ''; @On('x') read() {} }", ["Gauge"]),
        ("export abstract class Gauge { abstract read(): void }", ["Gauge"]),
        ("class Gauge { read(a: string): void; read(a: number): void; read(a: any) {} }", ["Gauge"]),
        ("class Gauge { declare foo: string; override read() {} static { go(); } accessor y = 1 }", ["Gauge"]),
        ("namespace N.M { export class Gauge { read() {} } }", ["Gauge"]),
        ("export class View extends React.Component<P> { read() { return <b/>; } }", ["View"]),
    ],
)
def test_every_form_of_a_class(source, names):
    module = parse_typescript(source)
    assert not module.has_errors
    assert [cls.name for cls in module.classes] == names
    assert {method.name for method in module.classes[0].methods} == {"read"}
    assert "free_function" not in patterns_of(module)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("export default function () {}", ["default"]),
        ("export default (a) => a;", ["default"]),
        ("export default async function* it() {}", ["it"]),
        ("namespace N.M { function deep() {} }", ["deep"]),
        ("function over(a: string): void; function over(a: any) {}", ["over"]),
        ("const App = () => <div>{x as any}</div>;", ["App"]),
        ("declare function elsewhere(): void;", []),
        ("const list = [1].map((a) => a); call(function () {});", []),
    ],
)
def test_every_form_of_a_free_function(source, names):
    module = parse_typescript(source)
    assert not module.has_errors
    assert [function.name for function in module.functions] == names
    assert ("free_function" in patterns_of(module)) == bool(names)


@pytest.mark.parametrize(
    "constructor",
    [
        "constructor() {}",
        "constructor() { /* set-up lives in init() */ }",
        "constructor() { super(); }",
        "constructor(name: string, n = 3) { super(name, n, -1, 'x', null, opts.deep.value, ...rest); }",
        "constructor() { super({ kind: 'lamp', list: [1, 2] }, `v${x}`, y as string, z!); }",
        "constructor(a: string); constructor(a?: string) {}",
    ],
)
def test_empty_constructors(constructor):
    assert faults(constructor) == ()


@pytest.mark.parametrize(
    ("constructor", "said"),
    [
        ("constructor() { this.model = {}; }", "statement"),
        ("constructor(private a: string) {}", "parameter property"),
        ("constructor(readonly a: string) {}", "parameter property"),
        ("constructor(a = make()) {}", "call in the default"),
        ("constructor({ a = make() } = {}) {}", "call in the default"),
        ("constructor(a = new Map()) {}", "call in the default"),
        ("constructor() { super(make()); }", "plain arguments"),
        ("constructor() { super(() => 1); }", "plain arguments"),
        ("constructor() { super(a ? b : c); }", "plain arguments"),
        ("constructor() { super(); super(); }", "more than one"),
        ("constructor() { super.open(); }", "statement"),
        ("constructor() { const x = 1; }", "statement"),
        ("constructor() { return; }", "statement"),
        ("'constructor'() { go(); }", "statement"),
    ],
)
def test_constructors_that_work(constructor, said):
    found = faults(constructor)
    assert len(found) >= 1 and said in found[0]


def test_init_own_inherited_and_abstract():
    module = parse_typescript(
        "abstract class A { abstract init(): void; } class B extends A {} class C extends D {} class D extends C {}"
        "class E { static init() {} } class F { init = async () => {}; }"
        " class G { init(): void; } class H { get init() { return 1 } }"
    )
    by_name = {c.name: c for c in module.classes}
    assert {name for name, cls in by_name.items() if has_init(cls, by_name)} == {"A", "B", "F"}


def test_patterns():
    assert {"init_method", "scenario_state", "private_state", "empty_constructor", "inheritance"} <= set(
        patterns_of(parse_typescript(LAMP))
    )
    bad = patterns_of(
        parse_typescript(
            "import { it } from 'vitest'; class A { x = 1; constructor(private b: B) { go(); } }"
            " function f() {} jest.fn();"
        )
    )
    assert {"constructor_logic", "parameter_property", "free_function", "jest", "vitest"} <= set(bad)
    assert not {"empty_constructor", "private_state", "radical_oop"} & set(bad)
    assert patterns_of(parse_typescript("// jest is banned\nconst a = 'jest.fn()';")) == ()


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        ("components/Lamp/src/ts/layer2/Lamp.ts", 2),
        ("layer5/LampCLI.ts", 5),
        ("a/layer2/layer3/Lamp.ts", 3),
        (r"a\Layer4\b.ts", 4),
        ("a/layer6/b.ts", None),
        ("a/layer2.ts", None),
        ("a/player2/b.ts", None),
        ("", None),
    ],
)
def test_layers(path, layer):
    assert layer_of(path) == layer


def test_tsx_and_broken_source():
    assert not parse_typescript("const a = <b>x</b>;").has_errors
    assert not parse_typescript("const a = <B>x;").has_errors
    assert parse_typescript("class A { init( }").has_errors


@settings(max_examples=150, deadline=None)
@given(st.text() | st.text(alphabet="class A{}()constructor =<>`$'\"/*;\n é").map(lambda s: s * 3))
def test_never_raises_and_stays_inside(source):
    module = parse_typescript(source)
    patterns_of(module)
    for cls in module.classes:
        assert 0 <= cls.start <= cls.end <= len(source)


@pytest.mark.parametrize("piece", ["(", "class A {", "`${", "{[(", "class A { constructor(){} init(){} }\n", "é", "\0"])
def test_time_stays_in_proportion(piece):
    began = time.monotonic()
    parse_typescript(piece * (200_000 // len(piece)))
    assert time.monotonic() - began < 5
