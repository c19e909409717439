"""SQL stays in storage, one function writes settlements, released migrations never change."""

import hashlib
import re

from house.rooms import includes
from house.tree import Finding, search

_SQL = re.compile(r"\bSELECT\s|\bINSERT INTO\b|\bUPDATE\s[^;]*\sSET\b|\bDELETE FROM\b"
                  r"|\bCREATE (TABLE|INDEX|VIEW|TRIGGER)\b|\bALTER TABLE\b|\bPRAGMA\s")
_DATABASE_HEADER = re.compile(r'#\s*include\s*[<"](sqlite3\.h|libpq-fe\.h|postgresql/[^>"]*)[>"]')
_WRITES = re.compile(r"\bINSERT( OR \w+)? INTO settlements\b")
_CALL = re.compile(r"\binsert_settlements?\s*\(")
_CHANGES_FACTS = re.compile(r"\b(UPDATE|DELETE FROM|REPLACE INTO)\s+"
                            r"(evidence|settlements|refunds|audit|audit_nodes|checkpoints)\b")
_MIGRATIONS = "src/storage/migrations"
_HASHES = f"{_MIGRATIONS}/HASHES"


def sql_in_storage(tree):
    for source in tree.cpp("src"):
        if source.room() == "storage":
            continue
        for position, literal in source.literals:
            if _SQL.search(literal):
                yield Finding(source.path, source.line_at(position), "sql-in-storage",
                              "move the statement to src/storage and call it by its name")
        for match in _DATABASE_HEADER.finditer(source.text):
            yield Finding(source.path, source.line_at(match.start()), "sql-in-storage",
                          "only src/storage talks to a database")


def _settlement_writers(tree):
    for source in tree.sources:
        if source.path.parts[0] != "src":
            continue
        texts = source.literals if source.is_cpp() else [(0, source.text)]
        for position, text in texts:
            if (source.is_cpp() or source.path.suffix == ".sql") and _WRITES.search(text):
                yield source, source.line_at(position)


def one_settlement_writer(tree):
    """Exactly one file under src/storage holds the statement."""
    found = list(_settlement_writers(tree))
    writers = sorted({source.path for source, _ in found})
    for source, line in found:
        if source.room() != "storage" or len(writers) > 1:
            yield Finding(source.path, line, "one-settlement-writer",
                          "a settlement is written by one statement in one file of src/storage")
    if not found and {"storage", "detect"} <= set(tree.rooms()):
        yield Finding("src/storage", 1, "one-settlement-writer",
                      "no file holds INSERT INTO settlements: the funnel has no end")


def one_settlement_caller(tree):
    """Outside storage only detect/settle.cpp calls insert_settlement."""
    called = False
    for source in tree.cpp("src"):
        if source.room() == "storage":
            continue
        for match in _CALL.finditer(source.code):
            if str(source.path) == "src/detect/settle.cpp":
                called = True
            else:
                yield Finding(source.path, source.line_at(match.start()), "one-settlement-caller",
                              "only detect/settle.cpp settles: hand it your evidence")
    if not called and {"storage", "detect"} <= set(tree.rooms()):
        yield Finding("src/detect/settle.cpp", 1, "one-settlement-caller",
                      "this file must exist and call storage's insert_settlement")


def facts_append_only(tree):
    """Law 7: no statement changes or removes a fact."""
    for source in tree.cpp("src"):
        for position, literal in source.literals:
            if _CHANGES_FACTS.search(literal):
                yield Finding(source.path, source.line_at(position), "facts-append-only",
                              "evidence, settlements and audit are only appended to: a correction "
                              "is another row")


def money_field(tree):
    outside = [s for s in tree.cpp("src")
               if str(s.path) not in ("src/core/money.hpp", "src/core/money.cpp")]
    yield from search(outside, r"(\.|->)\s*minor_\b", "money-field",
                      "ask the Money: its field belongs to core/money alone")
    money = tree.source("src/core/money.hpp")
    if not money:
        return
    body = re.search(r"\b(class|struct) Money\b(.*?)\n};", money.code, re.DOTALL)
    if not body or body.group(1) == "struct" or re.search(r"\bfriend\b", body.group(2)):
        at = money.line_at(body.start()) if body else 1
        yield Finding(money.path, at, "money-field",
                      "Money is a class whose field is private and that has no friends")


def _digest(tree, path):
    return hashlib.sha256((tree.root / path).read_bytes()).hexdigest()


def _released(tree):
    """(line, digest, name) of each entry of HASHES."""
    page = tree.source(_HASHES)
    for number, line in enumerate(page.lines if page else [], 1):
        digest, _, name = line.partition("  ")
        yield number, digest, name


def migrations_frozen(tree):
    for line, digest, name in _released(tree):
        path = f"{_MIGRATIONS}/{name}"
        if not (tree.root / path).is_file():
            yield Finding(_HASHES, line, "migrations-frozen",
                          f"{name} was released and may not be removed or renamed")
        elif _digest(tree, path) != digest:
            yield Finding(path, 1, "migrations-frozen",
                          "a released migration never changes: restore it, add a new one")


def release_migrations(tree):
    """Writes HASHES with every migration there is; refuses while a released one is changed."""
    breaches = list(migrations_frozen(tree))
    if not breaches:
        paths = [p for p in tree.files if str(p.parent) == _MIGRATIONS and p.suffix == ".sql"]
        rows = [f"{_digest(tree, path)}  {path.name}\n" for path in paths]
        (tree.root / _HASHES).write_text("".join(rows), encoding="utf-8")
    return breaches
