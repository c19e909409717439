"""Who may include whom, what a room shows, and that ARCHITECTURE.md tells it."""

import re

from house.tree import Finding

# A room may include the doors of rooms with a smaller number. There are no exceptions.
LEVELS = {"base": 0, "core": 1, "qr": 2, "storage": 3, "providers": 3, "sandbox": 3,
          "detect": 4, "checkout": 4, "notify": 4, "audit": 4, "http": 5, "main": 6}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def includes(source):
    """(line, path) of what looks like an include of ours."""
    # A literal's inside is blank in `code`, so the name is read from the text at the same place.
    for match in _INCLUDE.finditer(source.text):
        if source.code[match.start() + match.group().index("#")] != "#":
            continue  # inside a comment
        first = match.group(2).split("/")[0]
        if match.group(1) == '"' or (first in LEVELS and "/" in match.group(2)):
            yield source.line_at(match.start()), match.group(2)


def _verdict(room, target):
    """What is wrong with `room` including `target`, or None."""
    first, _, rest = target.partition("/")
    if not rest:
        return None if room == "main" else f'write the room: "<room>/{target}"'
    if first == room:
        return None
    if first not in LEVELS:
        return f"{first} is no room; include our files as <room>/<file>.hpp"
    if LEVELS[first] >= LEVELS[room]:
        return (f"{room} (level {LEVELS[room]}) may not see {first} (level {LEVELS[first]}); "
                "move the line to the room that may know both")
    if rest != f"{first}.hpp":
        return f"go through the door: include {first}/{first}.hpp"
    return None


def include_direction(tree):
    for source in tree.cpp("src"):
        if source.room() not in LEVELS:
            continue  # room_known reports it
        for line, target in includes(source):
            wrong = _verdict(source.room(), target)
            if wrong:
                yield Finding(source.path, line, "include-direction", wrong)


def link_direction(tree):
    """The libraries in src/CMakeLists.txt say the same as the levels."""
    source = tree.source("src/CMakeLists.txt")
    if not source:
        return
    for match in re.finditer(r"^quittance_room\((\w+)([^)]*)\)", source.text, re.MULTILINE):
        room, uses = match.group(1), re.search(r"\bUSES((\s+[a-z_]+)+)", match.group(2))
        for used in uses.group(1).split() if uses else []:
            if LEVELS.get(used, 99) >= LEVELS.get(room, 0):
                yield Finding(source.path, source.line_at(match.start()), "link-direction",
                              f"{room} may not link {used}: it is not of a lower level")


def room_known(tree):
    for room in tree.rooms():
        if room not in LEVELS:
            yield Finding(f"src/{room}", 1, "room-known",
                          "give the room a level in tools/house/rooms.py and in ARCHITECTURE.md, "
                          "or move its files to the room that they belong to")


def room_door(tree):
    for room in tree.rooms():
        if not tree.source(f"src/{room}/{room}.hpp"):
            yield Finding(f"src/{room}", 1, "room-door",
                          f"the room needs its door header {room}/{room}.hpp")


def provider_header(tree):
    """Adapters and simulators stand behind their room's door: a provider has no header."""
    stems = {room: {s.path.stem for s in tree.cpp("src")
                    if s.room() == room and not s.is_header()}
             for room in ("providers", "sandbox")}
    pages = {path.stem for path in tree.files
             if path.parts[:2] == ("docs", "providers") and path.suffix == ".md"}
    names = (stems["providers"] & stems["sandbox"]) | pages
    for source in tree.cpp("src"):
        room = source.room()
        if room in stems and source.is_header() and source.path.stem in names - {room}:
            yield Finding(source.path, 1, "provider-header",
                          f"a provider has no header of its own: declare it in {room}/{room}.hpp")


def _cells(line):
    return [re.sub(r"[`*]", "", cell).strip().rstrip("/") for cell in line.strip("| ").split("|")]


def architecture_levels(tree):
    page = tree.source("ARCHITECTURE.md")
    rows = [_cells(line) for line in page.lines if line.startswith("|")] if page else []
    for room in tree.rooms():
        if room not in LEVELS:
            continue
        level = str(LEVELS[room])
        told = any({room, f"src/{room}"} & set(row) and {level, f"L{level}"} & set(row)
                   for row in rows)
        if not told:
            yield Finding("ARCHITECTURE.md", 1, "architecture-levels",
                          f"add a table row with the cells `src/{room}` and {level}, "
                          "and what belongs in the room")


def architecture_folders(tree):
    """Each folder of the two upper layers is described in a line that begins with its path."""
    page = tree.source("ARCHITECTURE.md")
    for folder in {f for path in tree.folders for f in (path, *path.parents)}:
        if not 1 <= len(folder.parts) <= 2:
            continue
        mention = re.compile(rf"(^|[\s|`(]){re.escape(str(folder))}/?([\s|`),:]|$)")
        told = any(mention.search(line) and len(re.findall(r"[A-Za-z]{2,}", line)) >= 5
                   for line in (page.lines if page else []))
        if not told:
            yield Finding("ARCHITECTURE.md", 1, "architecture-folders",
                          f"say in one line what `{folder}/` is for")
