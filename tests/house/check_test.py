"""Each house rule bites: a small clean tree passes, and one breach at a time is reported."""

import contextlib
import hashlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import check  # noqa: E402

FIRST_MIGRATION = "CREATE TABLE orders (id INTEGER PRIMARY KEY) STRICT;\n"
DIGEST = hashlib.sha256(FIRST_MIGRATION.encode()).hexdigest()

ARCHITECTURE = """# Architecture
| room | level | what belongs in it |
| --- | --- | --- |
| `src/base/` | 0 | what every other room stands on |
| `src/core` | L1 | money, orders and what follows from evidence |
| `src/qr` | 2 | reads and writes the payloads of QR codes |
| `src/storage` | 3 | every SQL statement, named, once |
| `src/providers` | 3 | one adapter for each payment provider |
| `src/sandbox` | 3 | the other side of the wire, for tests |
| `src/detect` | 4 | how we learn that money has come |

    src/          the program itself, one folder a room
    web/          the pages that customers and staff see
    web/src/      what the pages are built from
    tests/        everything that proves that it works
    tests/fuzz/   targets that feed foreign bytes to the parsers
    tests/unit/   what a room does, shown by itself
    docs/         how all of this is used
    docs/providers/  a page for each payment provider
"""

# Beside what is right, it holds what only looks wrong: words in comments and literals, digit
# separators, constants, functions that return references.
CLEAN = {
    "ARCHITECTURE.md": ARCHITECTURE,
    "src/main.cpp": '#include "detect/detect.hpp"\nint main() { for (;;) break; }\n',
    "src/config.cpp": 'void f() { read("QPAY_ENV"); read("QUITTANCE_PORT", "is no QPAY_PORT"); }\n',
    ".env.example": "# Settings\nQPAY_ENV=sandbox\n# QUITTANCE_PORT=8000   # a port\n",
    "src/CMakeLists.txt": "quittance_room(qr USES base core\n  LIBRARIES PkgConfig::PNG)\n",
    "web/src/messages/en.ts": "export const en = {\n  paid: '" + "x" * 120 + "',\n};\n",
    "src/base/base.hpp": '#pragma once\n#include "base/json.hpp"\n',
    "src/base/json.hpp":
        "#pragma once\nclass Json {\n public:\n  static Json parse(int bytes);\n};\n",
    "src/base/clock.cpp": "auto now() { return std::chrono::system_clock::now(); }\n",
    "src/core/core.hpp": '#pragma once\n#include "core/money.hpp"\n',
    "src/core/money.hpp": "#pragma once\nclass Money {\n  long minor_ = 0;\n};\n",
    "src/core/money.cpp": (
        '#include "core/money.hpp"\n\n#include "base/base.hpp"\n'
        "// while (true) a double is wrong; SELECT nothing.\n"
        "namespace quittance::core {\nnamespace {\n"
        "constexpr long kLimit = 1'000'000;\nconst char* const kWord = \"float 1.5\";\n"
        "constexpr char kBrace = '{';\n"
        "}  // namespace\n"
        "bool same(const Money& a, const Money& b) { return a.minor_ == b.minor_; }\n"
        "int version_2(int count) {\n  static const int kRows = 3;\n  return kRows + count;\n}\n"
        "}  // namespace quittance::core\n"),
    "src/qr/qr.hpp": '#pragma once\n#include "core/core.hpp"\n#include "qr/emv.hpp"\n',
    "src/qr/emv.hpp": "#pragma once\nint parse_emv(int bytes);\n",
    "src/storage/storage.hpp": "#pragma once\nvoid insert_settlement(int row);\n",
    "src/storage/store.cpp": 'void insert_settlement(int) { run("INSERT INTO settlements "); }\n',
    "src/storage/migrations/0001_first.sql": FIRST_MIGRATION,
    "src/storage/migrations/0002_next.sql": "CREATE TABLE passes (id INTEGER) STRICT;\n",
    "src/storage/migrations/HASHES": f"{DIGEST}  0001_first.sql\n",
    "src/providers/providers.hpp": '#pragma once\n#include "qr/qr.hpp"\n',
    "src/providers/bakong.cpp": '#include "providers/providers.hpp"\n',
    "src/sandbox/sandbox.hpp": "#pragma once\n",
    "src/sandbox/bakong.cpp": '#include "sandbox/sandbox.hpp"\n',
    "src/rails.hpp": "#pragma once\n#define RAILS(RAIL, DESK) \\\n  RAIL(kSea) \\\n  DESK(kCash)\n",
    "src/providers/sea.cpp": 'extern const Adapter kSea{.name = "sea"};\n',
    "src/providers/cash.cpp": 'extern const Adapter kCash{.name = "cash"};\n',
    "src/sandbox/sea.cpp": 'extern const Rail kSea{.name = "sea"};\n',
    "docs/providers/sea.md": "# Sea\n",
    "docs/providers/cash.md": "# Cash\n",
    "tests/unit/providers/sea_wire_test.cpp": "int a;\n",
    "tests/unit/providers/cash_test.cpp": "int a;\n",
    "src/detect/detect.hpp": '#pragma once\n#include "storage/storage.hpp"\n',
    "src/detect/settle.cpp": "void settle(int row) { insert_settlement(row); }\n",
    "tests/fuzz/qr_fuzz.cpp": "int run(int b) { Json::parse(b); return parse_emv(b); }\n",
}

LONG_BODY = "int long_one() {\n" + "  step();\n" * 70 + "}\n"
LONG_PYTHON = "def long_one():\n" + "    step()\n" * 70
UNFINISHED = "TO" + "DO"

# rule, file, its text (None removes it), the file that must be named, and its line.
BREACHES = [
    ("include-direction", "src/core/a.cpp", '\n#include "qr/qr.hpp"\n', None, 2),
    ("include-direction", "src/sandbox/a.cpp", '#include "providers/providers.hpp"\n', None, 1),
    ("include-direction", "src/detect/a.cpp", '#include "storage/store.hpp"\n', None, 1),
    ("include-direction", "src/core/a.cpp", '#include "money.hpp"\n', None, 1),
    ("include-direction", "src/core/a.cpp", "#include <storage/storage.hpp>\n", None, 1),
    ("link-direction", "src/CMakeLists.txt", "\nquittance_room(core USES base\n  qr)\n", None, 2),
    ("room-known", "src/attic/attic.hpp", "#pragma once\n", "src/attic", 1),
    ("room-door", "src/qr/qr.hpp", None, "src/qr", 1),
    ("provider-header", "src/providers/bakong.hpp", "#pragma once\n", None, 1),
    ("provider-header", "src/sandbox/bakong.hpp", "#pragma once\n", None, 1),
    ("provider-whole", "src/providers/sea.cpp", None, "src/rails.hpp", 3),
    ("provider-whole", "src/sandbox/sea.cpp", None, "src/rails.hpp", 3),
    ("provider-whole", "src/providers/cash.cpp", None, "src/rails.hpp", 4),
    ("provider-whole", "src/rails.hpp", "#pragma once\n  RAIL(kSea)\n",
     "src/providers/cash.cpp", 1),
    ("provider-whole", "docs/providers/sea.md", None, "src/providers/sea.cpp", 1),
    ("provider-whole", "tests/unit/providers/sea_wire_test.cpp", None, "src/providers/sea.cpp", 1),
    ("architecture-levels", "ARCHITECTURE.md", ARCHITECTURE.replace("| L1 |", "| 2 |"), None, 1),
    ("architecture-levels", "src/http/http.hpp", "#pragma once\n", "ARCHITECTURE.md", 1),
    ("architecture-folders", "ARCHITECTURE.md", ARCHITECTURE.replace("tests/fuzz/", "fuzz/"),
     None, 1),
    ("architecture-folders", "tools/a.py", "", "ARCHITECTURE.md", 1),
    ("sql-in-storage", "src/detect/a.cpp", 'auto s = f("UPDATE orders "\n  "SET a = 1");\n',
     None, 1),
    ("sql-in-storage", "src/detect/a.cpp", 'auto s = f(R"(\nSELECT 1)");\n', None, 1),
    ("sql-in-storage", "src/detect/a.cpp", "#include <sqlite3.h>\n", None, 1),
    ("one-settlement-writer", "src/storage/b.cpp", 'f("INSERT INTO settlements");\n', None, 1),
    ("one-settlement-writer", "src/detect/b.cpp", 'f("INSERT INTO settlements");\n', None, 1),
    ("one-settlement-writer", "src/storage/store.cpp", "\n", "src/storage", 1),
    ("one-settlement-caller", "src/detect/poller.cpp",
     "void poll() {\n  insert_settlement(1);\n}\n", None, 2),
    ("one-settlement-caller", "src/detect/settle.cpp", "\n", None, 1),
    ("facts-append-only", "src/storage/books_audit.cpp",
     'const char* kSql = "DELETE FROM audit WHERE seq < $1";\n', None, 1),
    ("money-field", "src/core/order.cpp", "long f(Money& m) { return m.minor_; }\n", None, 1),
    ("money-field", "src/core/money.hpp", "#pragma once\nstruct Money {\n  long minor;\n};\n",
     None, 2),
    ("money-field", "src/core/money.hpp",
     "#pragma once\nclass Money {\n  friend class Order;\n};\n", None, 2),
    ("migrations-frozen", "src/storage/migrations/0001_first.sql", "-- other\n", None, 1),
    ("migrations-frozen", "src/storage/migrations/0001_first.sql", None,
     "src/storage/migrations/HASHES", 1),
    ("readers-fuzzed", "src/qr/emv.hpp", "#pragma once\n\nint decode_khqr(int);\n", None, 3),
    ("readers-fuzzed", "tests/fuzz/qr_fuzz.cpp", "int run(int b) { return parse_emv(b); }\n",
     "src/base/json.hpp", 4),
    ("settings-told", "src/a.cpp", '\nauto t = read("QPAY_TIMEOUT_MS");\n', None, 2),
    ("settings-told", "src/config.cpp", 'auto e = read("QPAY_ENV");\n', ".env.example", 3),
    ("settings-told", ".env.example", "QPAY_ENV=\n# QUITTANCE_PORT=\nQPAY_ENV=\n", None, 3),
    ("no-floating-point", "src/core/a.cpp", "int f() {\n  double x = 1;\n}\n", None, 2),
    ("no-floating-point", "src/http/a.cpp", "auto x = std::stod(text);\n", None, 1),
    ("no-floating-point", "src/detect/a.cpp", "const auto x = share * 0.5;\n", None, 1),
    ("no-floating-point", "src/qr/a.cpp", "const auto x = 1e3;\n", None, 1),
    ("injected-world", "src/detect/a.cpp", "auto f() { return std::chrono::system_clock::now(); }",
     None, 1),
    ("injected-world", "src/detect/a.cpp", "void f() { std::this_thread::sleep_for(d); }\n",
     None, 1),
    ("injected-world", "src/core/a.cpp", "const auto t = time(nullptr);\n", None, 1),
    ("injected-world", "src/main.cpp", "int f() { return std::random_device{}(); }\n", None, 1),
    ("no-sleeping-test", "tests/a_test.cpp", "void f() {\n  sleep_for(d);\n}\n", None, 2),
    ("bounded-loops", "src/detect/a.cpp", "void f() {\n  while (true) g();\n}\n", None, 2),
    ("bounded-loops", "src/detect/a.cpp", "void f() {\n  for (int i = 0;; ++i) g();\n}\n",
     None, 2),
    ("no-using-namespace", "src/core/a.hpp", "#pragma once\nusing namespace std;\n", None, 2),
    ("pragma-once", "src/core/a.hpp", "// #pragma once\n", None, 1),
    ("no-singletons", "src/core/a.cpp", "auto f() { return Log::instance(); }\n", None, 1),
    ("no-singletons", "src/core/a.cpp", "void f() { ++g_calls; }\n", None, 1),
    ("no-await-in-a-choice", "src/core/a.cpp", "Task f() {\n  x = y ? co_await a() : b;\n}\n",
     None, 2),
    ("no-bare-aggregate-awaited", "src/core/a.cpp", "Task f() {\n  co_await g(x, [] {});\n}\n",
     None, 2),
    ("no-bare-aggregate-awaited", "src/core/a.cpp", "Task f() {\n  co_await g(x, {});\n}\n",
     None, 2),
    ("no-bare-aggregate-awaited", "src/core/a.cpp", "Task f() {\n  co_await g(x,\n Way{1});\n}\n",
     None, 2),
    ("no-bare-aggregate-awaited", "src/core/a.hpp", 
     "#pragma once\nTask<int> f(int a, Way b = {});\n", None, 2),
    ("no-mutable-globals", "src/core/a.cpp", "namespace {\nint calls = 0;\n}\n", None, 2),
    ("no-mutable-globals", "src/core/a.cpp", "\nstd::atomic<int> calls{0};\n", None, 2),
    ("no-mutable-globals", "src/core/a.cpp", "int f() {\n  static int n = 0;\n  return ++n;\n}\n",
     None, 2),
    ("no-mutable-globals", "src/core/a.cpp", "struct A {\n  static inline int n = 0;\n};\n",
     None, 2),
    ("no-logged-secrets", "src/detect/a.cpp",
     'void f() {\n  log_.info("x", {{"k",\n    key.reveal()}});\n}\n', None, 2),
    ("no-logged-secrets", "src/main.cpp", "void f() { std::cerr << key.reveal(); }\n", None, 1),
    ("file-length", "src/core/a.cpp", "\n" * 401, None, 401),
    ("file-length", "tests/api/a.test.mjs", "\n" * 401, None, 401),
    ("line-length", "src/core/a.cpp", "\n// " + "é" * 98 + "\n", None, 2),
    ("line-length", "web/a.ts", "// " + "x" * 98 + "\n", None, 1),
    ("line-length", "web/src/messages/en.ts", "\n// " + "x" * 98 + "\n", None, 2),
    ("function-length", "src/core/a.cpp", "namespace a {\n" + LONG_BODY + "}\n", None, 2),
    ("function-length", "src/core/a.hpp",
     "#pragma once\nstruct A {\n  A() : x_{1}, y_(2) {\n" + "    g();\n" * 69 + "  }\n};\n",
     None, 3),
    ("function-length", "tools/a.py", LONG_PYTHON, None, 1),
    ("file-name", "src/core/orderBook.cpp", "", None, 1),
    ("path-words", "src/core/order_manager.cpp", "", None, 1),
    ("path-words", "web/utils/a.ts", "", "web/utils", 1),
    ("path-words", "src/qr/emv_v2.cpp", "", None, 1),
    ("unfinished-words", "src/core/a.cpp", f"\n// {UNFINISHED}: later\n", None, 2),
    ("unfinished-words", "docs/a.md", f"{UNFINISHED}\n", None, 1),
    ("machine-paths", "src/core/a.cpp", '\nauto p = f("/tmp/x");\n', None, 2),
    ("machine-paths", "README.md", "in /" "work/main\n", None, 1),
]


def build(root, files):
    for path, text in files.items():
        if text is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")


class HouseRules(unittest.TestCase):
    def findings(self, **changes):
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder), {**CLEAN, **changes})
            return check.findings(folder)

    def test_clean_tree_passes(self):
        self.assertEqual([], self.findings())

    def test_every_rule_is_broken_below(self):
        self.assertEqual(set(check.RULES), {breach[0] for breach in BREACHES})

    def test_breaches_are_reported(self):
        for number, (rule, path, text, named, line) in enumerate(BREACHES):
            with self.subTest(rule=rule, number=number):
                found = {(str(f.path), f.line) for f in self.findings(**{path: text})
                         if f.rule == rule}
                self.assertIn((named or path, line), found)

    def test_length_limits_are_inclusive(self):
        # 70 lines of function and 400 lines of file are still allowed.
        body = LONG_BODY.replace("  step();\n", "", 2)
        self.assertEqual([], self.findings(**{"src/core/a.cpp": body}))
        self.assertEqual([], self.findings(**{"src/core/a.cpp": "\n" * 400}))

    def test_release_freezes_migrations_and_refuses_a_changed_one(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            root, migrations = Path(folder), Path(folder) / "src/storage/migrations"
            build(root, CLEAN)
            release = ["--root", folder, "--release-migrations"]
            self.assertEqual(0, check.main(release))
            frozen = (migrations / "HASHES").read_text()
            self.assertEqual(["0001_first.sql", "0002_next.sql"],
                             [row.split("  ")[1] for row in frozen.splitlines()])
            (migrations / "0002_next.sql").write_text("-- other\n")
            self.assertEqual(1, check.main(["--root", folder]))
            self.assertEqual(1, check.main(release))
            self.assertEqual(frozen, (migrations / "HASHES").read_text())

    def test_command_says_where_which_rule_and_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder), {**CLEAN, "src/core/a.hpp": "\n"})
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                status = check.main(["--root", folder])
            self.assertEqual(1, status)
            self.assertIn("src/core/a.hpp:1: pragma-once: begin the header", said.getvalue())
            self.assertIn("house rules: 1 broken", said.getvalue())


if __name__ == "__main__":
    unittest.main()
