"""Sizes, names and words."""

import ast
import re

from house.source import blocks
from house.tree import Finding

_FILE_LIMIT = 400
_FUNCTION_LIMIT = 70
_LINE_LIMIT = 100
_COUNTED = {".cpp", ".hpp", ".py", ".ts", ".svelte", ".mjs", ".js", ".sh"}
_WIDTH = _COUNTED | {".css", ".cmake", ".sql"}
_PROSE = _WIDTH | {".html", ".md", ".yaml", ".yml"}
_PATH_WORDS = {"manager", "helper", "helpers", "util", "utils", "ng", "v2", "new", "legacy",
               "misc", "common"}
# Written so that this line does not break its own rule.
_UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")
_MACHINE_PATH = re.compile(r"(?<![\w.])/(wo[r]k|t[m]p)/")


def _named(path, suffixes):
    return path.suffix in suffixes or path.name in ("CMakeLists.txt", "Makefile", "run")


def file_length(tree):
    for source in tree.sources:
        if source.path.suffix in _COUNTED and len(source.lines) > _FILE_LIMIT:
            yield Finding(source.path, _FILE_LIMIT + 1, "file-length",
                          f"{len(source.lines)} lines, {_FILE_LIMIT} at most: split it by noun")


# A message is data: one sentence, one line, as long as its language makes it.
_MESSAGE = re.compile(r"""\s*['"\w.]+:\s*(['"`]).*\1,?""")


def line_length(tree):
    for source in tree.sources:
        if not _named(source.path, _WIDTH):
            continue
        for number, line in enumerate(source.lines, 1):
            is_message = source.path.parent.name == "messages" and _MESSAGE.fullmatch(line)
            if len(line) > _LINE_LIMIT and not is_message:
                yield Finding(source.path, number, "line-length",
                              f"{len(line)} columns, {_LINE_LIMIT} at most")


def _functions(source):
    """(line, length) of each function of a C++ or Python file."""
    if source.is_cpp():
        for block in blocks(source):
            if block.kind == "function":
                first = source.line_at(block.start)
                yield first, source.line_at(block.closing) - first + 1
    elif source.path.suffix == ".py":
        for node in ast.walk(ast.parse(source.text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.lineno, node.end_lineno - node.lineno + 1


def function_length(tree):
    for source in tree.sources:
        for line, length in _functions(source):
            if length > _FUNCTION_LIMIT:
                yield Finding(source.path, line, "function-length",
                              f"{length} lines, {_FUNCTION_LIMIT} at most: name its parts")


def file_name(tree):
    for source in tree.cpp("src", "tests", "tools"):
        if not re.fullmatch(r"[a-z][a-z0-9_]*\.[ch]pp", source.path.name):
            yield Finding(source.path, 1, "file-name", "C++ files are named in snake_case")


def path_words(tree):
    seen = set()
    for path in tree.files:
        for part in (path, *path.parents):
            words = set(re.split(r"[^a-z0-9]+", part.name.lower()))
            if words & _PATH_WORDS and part not in seen:
                seen.add(part)
                word = sorted(words & _PATH_WORDS)[0]
                yield Finding(part, 1, "path-words",
                              f"'{word}' does not say what is inside: name it by its noun")


def unfinished_words(tree):
    for source in tree.sources:
        if not _named(source.path, _PROSE):
            continue
        # In C++ a literal is data (ISO 4217 has such a code); everything else is ours.
        views = (source.code, source.comments) if source.is_cpp() else (source.text,)
        for view in views:
            for match in _UNFINISHED.finditer(view):
                yield Finding(source.path, source.line_at(match.start()), "unfinished-words",
                              f"{match.group()}: finish it, or leave it out")


def machine_paths(tree):
    for source in tree.sources:
        if source.path.parts[0] == "tests" or not _named(source.path, _PROSE):
            continue
        for match in _MACHINE_PATH.finditer(source.text):
            yield Finding(source.path, source.line_at(match.start()), "machine-paths",
                          f"{match.group()}: a path of one machine; make it a setting")
