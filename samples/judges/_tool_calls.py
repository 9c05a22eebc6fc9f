"""Finds tool calls in an answer: strict JSON `{"tool_calls": [...]}` or well-formed XML, bare, fenced or amid prose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

MAX_CALL_LENGTH = 200_000
MAX_CANDIDATES = 20
WRAPPERS = ("tool_calls", "function_calls")
CALL_TAGS = ("tool_call", "tool_use", "invoke", "function_call")
_JSON_START = re.compile(r"\{\s*\"tool_calls\"")
_LOOKS_LIKE_JSON = re.compile(r"[\"']tool_calls[\"']\s*:|^(?:```\w{0,20}\s*)?\[?\s*\{\s*[\"']name[\"']\s*:")


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call; parameter values are strings in XML and any JSON value in JSON."""

    name: str
    parameters: Mapping[str, Any]


class MalformedCallError(ValueError):
    """A tool call that is meant but not well-formed; the message says why."""


def find_calls(text: str, tool_names: frozenset[str]) -> list[Call]:
    """All calls in the text, JSON or XML. Raises MalformedCallError for the first that is not well-formed."""
    starts = [match.start() for match in _JSON_START.finditer(text)]
    if starts:
        return list(_json_calls(text, starts))
    calls = list(_xml_calls(text, tool_names))
    if not calls and _LOOKS_LIKE_JSON.search(text.strip()):
        raise MalformedCallError('the JSON does not start with {"tool_calls"')
    return calls


def _json_calls(text: str, starts: list[int]) -> Iterator[Call]:
    decoder = json.JSONDecoder(object_pairs_hook=_strict_object, parse_constant=_no_constant)
    end = 0
    for start in starts[:MAX_CANDIDATES]:
        if start < end:
            continue
        try:
            found, end = decoder.raw_decode(text[: start + MAX_CALL_LENGTH], start)
        except RecursionError as error:
            raise MalformedCallError("the JSON is nested too deeply") from error
        except ValueError as error:
            raise MalformedCallError(f"the JSON is not strict: {error}") from error
        if text[end:].lstrip()[:1] in ("}", "]"):
            raise MalformedCallError("the JSON has a closing bracket too many")
        yield from _calls_of(found)


def _calls_of(found: Mapping[str, Any]) -> Iterator[Call]:
    if set(found) != {"tool_calls"} or not isinstance(found["tool_calls"], list):
        raise MalformedCallError('the object must hold "tool_calls", a list, and nothing else')
    for call in found["tool_calls"]:
        if not isinstance(call, dict) or set(call) != {"name", "parameters"}:
            raise MalformedCallError('a call must hold "name" and "parameters" and nothing else')
        if not isinstance(call["name"], str) or not isinstance(call["parameters"], dict):
            raise MalformedCallError('"name" must be a string and "parameters" an object')
        yield Call(call["name"], call["parameters"])


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _xml_calls(text: str, tool_names: frozenset[str]) -> Iterator[Call]:
    names = "|".join(re.escape(name) for name in (*WRAPPERS, *CALL_TAGS, *sorted(tool_names)))
    opening = re.compile(rf"<({names})(?=[\s/>])[^<>]*>")
    position = 0
    for _ in range(MAX_CANDIDATES):
        match = opening.search(text, position)
        if match is None:
            return
        position = _element_end(text, match)
        yield from _calls_in(_parse_xml(text[match.start() : position]), tool_names)


def _element_end(text: str, opening: re.Match[str]) -> int:
    if opening[0].endswith("/>"):
        return opening.end()
    closing = f"</{opening[1]}>"
    end = text.find(closing, opening.end())
    if end < 0:
        raise MalformedCallError(f"<{opening[1]}> is never closed")
    return end + len(closing)


def _parse_xml(source: str) -> ElementTree.Element:
    if len(source) > MAX_CALL_LENGTH or "<!" in source.replace("<![CDATA[", ""):
        raise MalformedCallError("the XML is too large or declares entities")
    try:
        return ElementTree.fromstring(source)  # noqa: S314 - declarations are refused above
    except (ElementTree.ParseError, ValueError) as error:
        raise MalformedCallError(f"the XML is not well-formed: {error}") from error


def _calls_in(element: ElementTree.Element, tool_names: frozenset[str]) -> Iterator[Call]:
    if element.tag in WRAPPERS:
        for child in element:
            yield from _calls_in(child, tool_names)
    elif element.tag in tool_names:
        yield Call(element.tag, _xml_parameters(element))
    elif element.tag in CALL_TAGS:
        yield _named_call(element, tool_names)
    else:
        yield Call(element.tag, _xml_parameters(element))


def _named_call(element: ElementTree.Element, tool_names: frozenset[str]) -> Call:
    """`<tool_call name="x">`, `<tool_call><name>x</name>...` or `<tool_call><x>...</x></tool_call>`, or JSON inside."""
    name = element.get("name") or _text(element.find("name")) or _text(element.find("tool_name"))
    if name:
        return Call(name, _xml_parameters(element))
    children = list(element)
    if len(children) == 1 and children[0].tag in tool_names:
        return Call(children[0].tag, _xml_parameters(children[0]))
    if not children and (element.text or "").strip():
        (call,) = _calls_of({"tool_calls": [_json_text(element)]})
        return call
    raise MalformedCallError("a call in XML has no name")


def _xml_parameters(element: ElementTree.Element) -> dict[str, Any]:
    """Parameters as attributes, as `<parameter name="x">`, as `<x>`, or all of them in `<parameters>`."""
    values: dict[str, Any] = {key: value for key, value in element.attrib.items() if key != "name"}
    named = "name" in element.attrib
    for child in element:
        if child.tag in ("parameters", "arguments"):
            values |= _xml_parameters(child) if len(child) else _json_text(child)
        elif child.tag == "parameter" and child.get("name"):
            values[child.get("name", "")] = child.text or ""
        elif child.tag not in ("name", "tool_name") or named:
            values[child.tag] = child.text or ""
    return values


def _json_text(element: ElementTree.Element) -> dict[str, Any]:
    if not (element.text or "").strip():
        return {}
    try:
        value = json.loads(element.text or "")
    except (ValueError, RecursionError) as error:
        raise MalformedCallError(f"<{element.tag}> holds neither elements nor JSON") from error
    if not isinstance(value, dict):
        raise MalformedCallError(f"<{element.tag}> holds no JSON object")
    return value


def _text(element: ElementTree.Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""
