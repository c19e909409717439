"""What a line of C++ may not say."""

import re

from house.source import blocks, statements
from house.tree import Finding, search

_NO_FLOAT_ROOMS = ("core", "providers", "storage", "http", "detect", "qr", "sandbox")
_FLOAT = (r"\b(double|float|stod|stof|stold|strtod|strtof|strtold|atof|as_double|get_double)\b"
          r"|(?<![\w.'])\d[\d']*(\.\d|\.(?![\w.])|[eE][+-]?\d)")
_WORLD = (r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock|gettimeofday"
          r"|clock_gettime|sleep_for|sleep_until|usleep|nanosleep|random_device|mt19937(_64)?"
          r"|srand|randombytes\w*|RAND_bytes|getrandom)\b|\bstd::rand\b"
          r"|(?<![\w.:>])(rand|sleep)\s*\(|\btime\s*\(\s*(nullptr|NULL|0|&)")
_SLEEP = r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.:>])sleep\s*\("
_ENDLESS = r"\bwhile\s*\(\s*(true|1)\s*\)|\bfor\s*\([^;()]*;\s*;"


def no_floating_point(tree):
    sources = [s for s in tree.cpp("src") if s.room() in _NO_FLOAT_ROOMS]
    yield from search(sources, _FLOAT, "no-floating-point",
                      "{text}: count in integers (minor units, thousandths, milliseconds)")


def injected_world(tree):
    sources = [s for s in tree.cpp("src") if s.room() != "base"]
    yield from search(sources, _WORLD, "injected-world",
                      "{text}: take base::Clock&, base::Random& or the Executor's delay")


def no_sleeping_test(tree):
    yield from search(tree.cpp("tests"), _SLEEP, "no-sleeping-test",
                      "{text}: move a ManualClock or run a VirtualExecutor instead")


def bounded_loops(tree):
    sources = [s for s in tree.cpp("src") if s.room() not in ("base", "main")]
    yield from search(sources, _ENDLESS, "bounded-loops", "{text}: give the loop its limit")


def no_using_namespace(tree):
    headers = [s for s in tree.cpp("src", "tests") if s.is_header()]
    yield from search(headers, r"\busing\s+namespace\b", "no-using-namespace",
                      "name what you use: a header would do it to all who include it")


def pragma_once(tree):
    for source in tree.cpp("src", "tests"):
        if source.is_header() and not re.search(r"^#pragma once$", source.code, re.MULTILINE):
            yield Finding(source.path, 1, "pragma-once", "begin the header with #pragma once")


def no_singletons(tree):
    yield from search(tree.cpp("src"), r"\b(get_)?(instance|singleton)\s*\(|\bg_\w+",
                      "no-singletons", "{text}: make it in main and hand out a reference")


def no_await_in_a_choice(tree):
    yield from search(tree.cpp("src", "tests"), r"\?[^;{}]*\bco_await\b", "no-await-in-a-choice",
                      "g++ 12 miscompiles co_await inside ?: ; write an if")


def no_bare_aggregate_awaited(tree):
    """Neither written in an awaited call nor added to it by a default argument."""
    advice = "g++ 12 destroys it twice: name the {what} first and move it in"
    sources = tree.cpp("src", "tests")
    yield from search(sources, r"\bco_await\b[^;{}]*[(,]\s*\[", "no-bare-aggregate-awaited",
                      advice.format(what="lambda"))
    yield from search(sources, r"\bco_await\b[^;{}]*[(,]\s*([A-Z]\w*\s*)?\{",
                      "no-bare-aggregate-awaited", advice.format(what="aggregate"))
    yield from search(sources, r"\bTask<[^;{}]*=\s*\{\s*\}\s*[,)]", "no-bare-aggregate-awaited",
                      "a default argument is made inside the callers' co_await: let them name it")


_CONSTANT = re.compile(r"\bconst(expr)?\b")
_NO_VARIABLE = re.compile(r"(using|typedef|template|friend|class|struct|enum|union|namespace|"
                          r"static_assert|public|private|protected)\b")
_VARIABLE = re.compile(r"[\w:<>,\s*&\[\]]*[\w>*&]\s+[\w:]+(\[\w*\])?\s*($|=[^=]|\{)")


def no_mutable_globals(tree):
    """Neither at namespace scope nor as a static inside a function or class."""
    advice = "state has an owner in main; here only const and constexpr"
    for source in tree.cpp("src"):
        seen = set()
        for match in re.finditer(r"\b(static|thread_local)\b[^;{}()=]*[;={]", source.bare):
            begin = max(source.bare.rfind(mark, 0, match.start()) for mark in ";{}")
            if not _CONSTANT.search(source.bare[begin + 1:match.end()]):
                seen.add(source.line_at(match.start()))
        for position, text in statements(source, blocks(source)):
            if (_VARIABLE.match(text) and not _NO_VARIABLE.match(text)
                    and not _CONSTANT.search(text)):
                seen.add(source.line_at(position))
        for line in sorted(seen):
            yield Finding(source.path, line, "no-mutable-globals", advice)


_LOG_CALL = re.compile(r"\b\w*log\w*\s*(\(\))?\s*(\.|->)\s*"
                       r"(write|trace|debug|info|warn|warning|error|critical)\s*\("
                       r"|\b(spdlog::\w+|LogField|fprintf)\s*\(")
# Standard error is where the log goes; what an operator asks to see is written to standard output.
_STREAM = re.compile(r"\b(cerr|clog)\b[^;]*;")


def _closing(code, opening):
    depth = 0
    for position in range(opening, len(code)):
        depth += {"(": 1, ")": -1}.get(code[position], 0)
        if depth == 0:
            return position
    return len(code)


def no_logged_secrets(tree):
    for source in tree.cpp("src"):
        spans = [(m.start(), _closing(source.code, m.end() - 1))
                 for m in _LOG_CALL.finditer(source.code)]
        spans += [m.span() for m in _STREAM.finditer(source.code)]
        for start, end in spans:
            if re.search(r"\breveal\s*\(", source.code[start:end]):
                yield Finding(source.path, source.line_at(start), "no-logged-secrets",
                              "a revealed secret may not reach a log line")
