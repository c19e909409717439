"""A provider is whole: an adapter, a simulator, a test, a page and a line in the registry."""

import re

from house.tree import Finding

_REGISTRY = "src/rails.hpp"
_LINE = re.compile(r"^\s+(RAIL|DESK)\((k\w+)\)", re.MULTILINE)
_ADAPTER = re.compile(r'^extern const Adapter (k\w+)\{\s*\.name = "(\w+)"', re.MULTILINE)
_SIMULATOR = re.compile(r"^extern const Rail (k\w+)\b", re.MULTILINE)


def _declared(tree, room, pattern):
    """(source, match) of what the room's files declare to the registry."""
    for source in tree.cpp("src"):
        if source.room() == room and not source.is_header():
            for match in pattern.finditer(source.text):
                yield source, match


def _whole(tree, source, match):
    """What an adapter lacks beside the line."""
    name, line = match.group(2), source.line_at(match.start())
    if f"docs/providers/{name}.md" not in map(str, tree.files):
        yield Finding(source.path, line, "provider-whole",
                      f"write docs/providers/{name}.md: what is set, how answers are read")
    tests = [p for p in tree.files if str(p.parent) == "tests/unit/providers"
             and p.name.startswith(name) and p.name.endswith("_test.cpp")]
    if not tests:
        yield Finding(source.path, line, "provider-whole",
                      f"write tests/unit/providers/{name}_test.cpp")


def provider_whole(tree):
    registry = tree.source(_REGISTRY)
    lines = {m.group(2): m for m in _LINE.finditer(registry.text)} if registry else {}
    adapters = {m.group(1): (s, m) for s, m in _declared(tree, "providers", _ADAPTER)}
    simulators = {m.group(1): (s, m) for s, m in _declared(tree, "sandbox", _SIMULATOR)}
    for rail, match in lines.items():
        for room, declared in (("providers", adapters), ("sandbox", simulators)):
            if rail not in declared and (room == "providers" or match.group(1) == "RAIL"):
                yield Finding(registry.path, registry.line_at(match.start(1)), "provider-whole",
                              f"no file of src/{room} declares {rail}")
    for source, match in [*adapters.values(), *simulators.values()]:
        if match.group(1) not in lines:
            yield Finding(source.path, source.line_at(match.start()), "provider-whole",
                          f"give {match.group(1)} its line in {_REGISTRY}")
    for source, match in adapters.values():
        yield from _whole(tree, source, match)
