"""The judges of single rules, and the catalogue of tools."""

import pytest

from samples.judges import judge
from samples.judges.catalogue import TYPES, ecosystems, load_catalogue

URL = "https://github.com/yard/crane/blob/dev/journal/a.pdca.md"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("Jest is banned.", True),
        ("```ts\nimport { it } from 'vitest';\n// no jest here\n```", True),
        ("```ts\nimport { jest } from '@jest/globals';\n```", False),
        ("```ts\njest.fn();\n```", False),
        ("```bash\nnpm install --save-dev jest\n```", False),
        ("```bash\nnpx jest\n```", False),
        ('```json\n{"devDependencies": {"jest": "^29.0.0"}}\n```', False),
        ("```bash\nnpx vitest run\n```", True),
    ],
)
def test_jest_ban(text, passes):
    assert judge("jest_ban", text).passed is passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        (f"[GitHub]({URL}) | [§/journal/a.pdca.md](journal/a.pdca.md)", True),
        (f"[GitHub]({URL}#plan) | [§/journal/a.pdca.md](../journal/a.pdca.md)", True),
        (f"[GitHub]({URL}) | [§/journal/b.pdca.md](journal/b.pdca.md)", False),
        (f"[GitHub]({URL}) | [journal/a.pdca.md](journal/a.pdca.md)", False),
        (f"[GitHub]({URL})", False),
        ("[GitHub]() | [§/journal/a.pdca.md](journal/a.pdca.md)", False),
        ("[a](file:///journal/a.pdca.md)", False),
        ("[GitHub](TBD) | [§/a.md](a.md)", False),
        ("no link at all", False),
        (f"```\n[GitHub]({URL}) | [§/journal/a.pdca.md](journal/a.pdca.md)\n```", False),
    ],
)
def test_dual_link(text, passes):
    assert judge("dual_link", text).passed is passes


@pytest.mark.parametrize(
    ("text", "layer", "passes"),
    [
        ("It goes to `src/layer2/Crane.ts`.", 2, True),
        ("Layer 5, the command line.", 5, True),
        ("Not layer 2 but layer 3.", 3, True),
        ("layer4, or maybe layer2", 2, False),
        ("In the services folder.", 2, False),
    ],
)
def test_five_layer(text, layer, passes):
    assert judge("five_layer", text, expected_layer=layer).passed is passes


def test_catalogues_are_well_formed():
    assert ecosystems() == ("continue", "cursor")
    for ecosystem in ecosystems():
        for tool in load_catalogue(ecosystem).values():
            assert tool.description.endswith(".")
            assert all(parameter.type in TYPES for parameter in tool.parameters.values())


def test_the_default_catalogue_is_the_published_one():
    tools = {
        name: [p if rule.required else f"{p}?" for p, rule in tool.parameters.items()]
        for name, tool in load_catalogue().items()
    }
    assert tools == {
        "read_file": ["path"],
        "create_new_file": ["path", "content"],
        "run_terminal_command": ["command", "working_directory?"],
        "file_glob_search": ["pattern"],
        "view_diff": [],
        "read_currently_open_file": [],
        "ls": ["path"],
        "create_rule_block": ["rule"],
        "fetch_url_content": ["url"],
        "edit_existing_file": ["path", "changes"],
        "single_find_and_replace": ["file_path", "find", "replace"],
        "grep": ["pattern", "path"],
    }


def test_another_ecosystem():
    call = '{"tool_calls":[{"name":"list_dir","parameters":{"relative_workspace_path":"src"}}]}'
    case = {"task": "List the src folder", "expected_tool": "list_dir"}
    assert judge("tool_success", call, **case, ecosystem="cursor").passed
    assert judge("tool_success", call, **case).passed is None
