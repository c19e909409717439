"""Whoever reads foreign bytes is fuzzed."""

import re

from house.rooms import includes
from house.source import blocks
from house.tree import Finding

_READER = re.compile(r"\b((?:parse|read|decode)(?:_\w+)?)\s*\(")
_DOORS = ("src/base/json.hpp", "src/qr/qr.hpp")


def _shown_headers(tree, door):
    """The door and the headers of its room that it includes, however deep."""
    todo, seen = [door], set()
    while todo:
        source = tree.source(todo.pop())
        if source and source.path not in seen:
            seen.add(source.path)
            yield source
            todo += [f"src/{target}" for _, target in includes(source)
                     if target.split("/")[0] == source.room() != "base"]


def _full_name(match, types):
    """`parse_emv` as it stands; a bare `parse` gets the type around it: `Json::parse`."""
    name = match.group(1)
    around = [b for b in types if b.opening < match.start() < b.closing]
    if "_" in name or not around:
        return name
    return re.findall(r"(\w+)\s*(?:final\s*)?(?::[^:].*)?$", around[-1].head)[0] + "::" + name


def readers_fuzzed(tree):
    """What these doors show for reading foreign bytes is called by a target in tests/fuzz."""
    targets = "\n".join(s.code for s in tree.cpp("tests") if s.path.parts[1] == "fuzz")
    for door in _DOORS:
        for source in _shown_headers(tree, door):
            types = [b for b in blocks(source) if b.kind == "type"]
            for match in _READER.finditer(source.bare):
                name = _full_name(match, types)
                if not re.search(rf"\b{name}\b", targets):
                    yield Finding(source.path, source.line_at(match.start()), "readers-fuzzed",
                                  f"{name} reads foreign bytes: call it from a target in "
                                  "tests/fuzz")
