#!/usr/bin/env python3
"""The house rules, executable. Exit status 0 when nothing is broken.

    tools/check.py                        check the tree that this file stands in
    tools/check.py --root FOLDER          check another one
    tools/check.py --rules                list the rules
    tools/check.py --release-migrations   freeze the migrations that exist (at a release)

No rule has an allow-list. A rule that needs an exception is a rule to be said better.
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from house import code, funnel, readers, registry, rooms, settings, shape  # noqa: E402
from house.tree import Tree  # noqa: E402

RULES = {
    "include-direction": rooms.include_direction,
    "link-direction": rooms.link_direction,
    "room-known": rooms.room_known,
    "room-door": rooms.room_door,
    "provider-header": rooms.provider_header,
    "provider-whole": registry.provider_whole,
    "architecture-levels": rooms.architecture_levels,
    "architecture-folders": rooms.architecture_folders,
    "sql-in-storage": funnel.sql_in_storage,
    "one-settlement-writer": funnel.one_settlement_writer,
    "one-settlement-caller": funnel.one_settlement_caller,
    "facts-append-only": funnel.facts_append_only,
    "money-field": funnel.money_field,
    "migrations-frozen": funnel.migrations_frozen,
    "readers-fuzzed": readers.readers_fuzzed,
    "settings-told": settings.settings_told,
    "no-floating-point": code.no_floating_point,
    "injected-world": code.injected_world,
    "no-sleeping-test": code.no_sleeping_test,
    "bounded-loops": code.bounded_loops,
    "no-using-namespace": code.no_using_namespace,
    "pragma-once": code.pragma_once,
    "no-singletons": code.no_singletons,
    "no-await-in-a-choice": code.no_await_in_a_choice,
    "no-bare-aggregate-awaited": code.no_bare_aggregate_awaited,
    "no-mutable-globals": code.no_mutable_globals,
    "no-logged-secrets": code.no_logged_secrets,
    "file-length": shape.file_length,
    "line-length": shape.line_length,
    "function-length": shape.function_length,
    "file-name": shape.file_name,
    "path-words": shape.path_words,
    "unfinished-words": shape.unfinished_words,
    "machine-paths": shape.machine_paths,
}


def findings(root):
    """Every breach in the tree, in the order of files and lines."""
    tree = Tree(root)
    found = {finding for rule in RULES.values() for finding in rule(tree)}
    return sorted(found, key=lambda f: (str(f.path), f.line, f.rule, f.advice))


def report(found):
    for finding in found:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.advice}")


def main(arguments):
    parser = argparse.ArgumentParser(description="Checks the house rules.")
    parser.add_argument("--root", default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--rules", action="store_true", help="list the rules")
    parser.add_argument("--release-migrations", action="store_true",
                        help="write src/storage/migrations/HASHES")
    options = parser.parse_args(arguments)
    if options.rules:
        print("\n".join(RULES))
        return 0
    if options.release_migrations:
        found = funnel.release_migrations(Tree(options.root))
    else:
        found = findings(options.root)
    report(found)
    print(f"house rules: {len(found)} broken" if found else "house rules: all kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
