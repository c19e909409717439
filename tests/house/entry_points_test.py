"""The ways in: tools/install.sh asks for what is missing only, tools/run_tests.py counts well."""

import contextlib
import io
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import run_tests  # noqa: E402

# Stand-ins for the machine. They append what they were asked to $CALLS; `installed` and `lists`
# are files beside it that say what the machine has.
STUBS = {
    "id": 'echo "$USER_ID"',
    "sudo": 'echo "sudo" >>"$CALLS"; exec "$@"',
    "dpkg-query": 'for last; do :; done; grep -qx "$last" "$HAS" && printf installed',
    "apt-get": """echo "apt-get $*" >>"$CALLS"
[ -z "${FAIL_ONCE-}" ] || [ -e "$CALLS.failed" ] || { touch "$CALLS.failed"; exit 100; }""",
    "npm": "true",
    "node": 'echo "$NODE"',
}


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.calls, self.has = self.folder / "calls", self.folder / "has"
        self.calls.write_text("")
        for name, body in STUBS.items():
            stub = self.folder / "bin" / name
            stub.parent.mkdir(exist_ok=True)
            stub.write_text(f"#!/bin/sh\n{body}\n")
            stub.chmod(stub.stat().st_mode | stat.S_IXUSR)

    def install(self, has, *parts, user_id="0", node="20", **environment):
        self.has.write_text("".join(f"{package}\n" for package in has))
        done = subprocess.run(
            ["sh", str(ROOT / "tools/install.sh"), *parts], capture_output=True, text=True,
            env={"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(self.calls),
                 "HAS": str(self.has), "USER_ID": user_id, "NODE": node, **environment})
        return done, self.calls.read_text().splitlines()

    def test_nothing_missing_runs_nothing(self):
        done, calls = self.install(["clang-format-19", "clang-tidy-19"], "lint")
        self.assertEqual((0, []), (done.returncode, calls), done.stderr)

    def test_only_what_is_missing_is_installed(self):
        done, calls = self.install(["clang-format-19"], "lint")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(calls[-1].endswith("install -y --no-install-recommends clang-tidy-19"))
        self.assertIn("missing for 'lint': clang-tidy-19", done.stdout)

    def test_anybody_but_root_goes_through_sudo(self):
        _, calls = self.install([], "lint", user_id="1000")
        self.assertEqual("sudo", calls[0])

    def test_stale_lists_are_fetched_and_the_install_tried_again(self):
        done, calls = self.install([], "lint", FAIL_ONCE="yes")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(calls[-2].endswith(" update"), calls)
        self.assertIn("install", calls[-1])

    def test_an_old_node_is_replaced_by_debians(self):
        done, calls = self.install([], "build", node="16")
        self.assertRegex(calls[-1], r" nodejs npm$")
        self.assertEqual(1, done.returncode)  # the stand-in is still old afterwards

    def test_node_from_anywhere_will_do(self):
        _, calls = self.install([], "build", node="22")
        self.assertNotIn("nodejs", calls[-1])

    def test_unknown_part_is_refused(self):
        self.assertEqual(2, self.install([], "everything")[0].returncode)


class Stages(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.multiple(run_tests, ROOT=self.root,
                                              OUTPUT=self.root / "build/test-output"))
        (self.root / "tests").mkdir()

    def closing(self, *stages):
        """(exit status, last line) of a run of these stages."""
        status, said = self.said(*stages)
        return status, said[-1]

    def said(self, *stages):
        """(exit status, lines) of a run of these stages."""
        said = io.StringIO()
        with mock.patch.object(run_tests, "STAGES", list(stages)), \
                contextlib.redirect_stdout(said):
            (self.root / "tests/package.json").write_text("{}")
            status = run_tests.main()
        return status, said.getvalue().splitlines()

    def test_counts_are_added_up(self):
        self.assertEqual((0, "5 passed, 0 failed"),
                         self.closing(("a", lambda: (2, 0), True), ("b", lambda: (3, 0), False)))

    def test_one_failure_anywhere_fails_the_run(self):
        self.assertEqual((1, "5 passed, 1 failed"),
                         self.closing(("a", lambda: (2, 1), False), ("b", lambda: (3, 0), False)))

    def test_a_run_without_tests_is_no_success(self):
        self.assertEqual((1, "0 passed, 0 failed"), self.closing(("a", lambda: (0, 0), True)))

    def test_a_broken_stage_counts_and_stops_what_needs_it(self):
        def broken():
            raise run_tests.Broken("does not build")
        self.assertEqual((1, "0 passed, 1 failed"),
                         self.closing(("a", broken, True), ("b", lambda: (3, 0), False)))

    def test_a_hanging_command_is_ended(self):
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaises(run_tests.Broken):
            run_tests.run([sys.executable, "-c", "import sys, threading; "
                           "threading.Event().wait()"], 0.2)

    def test_folder_without_tests_is_broken(self):
        with self.assertRaisesRegex(run_tests.Broken, "no \\*.test.mjs"):
            run_tests.node_files("api")

    def node_tests(self, **files):
        (self.root / "Makefile").write_text("test-clients:\n")
        (self.root / "build/test-output").mkdir(parents=True)
        (self.root / "tests/api").mkdir()
        for name, text in files.items():
            (self.root / f"tests/api/{name}.test.mjs").write_text(
                f"import test from 'node:test';\n{text}")
        self.enterContext(mock.patch.dict(os.environ))
        os.environ.pop("NODE_TEST_CONTEXT", None)

    @unittest.skipUnless(shutil.which("node"), "node is not there")
    def test_node_tests_are_counted(self):
        self.node_tests(a="test('one', () => {});\ntest('two', () => {});\n"
                          "test('three', { skip: true }, () => {});\n"
                          "test('four', () => { throw new Error('no'); });\n")
        status, said = self.said(("a", run_tests.api_tests, True))
        self.assertEqual((1, "4 passed, 2 failed"), (status, said[-1]), "on both databases")
        self.assertIn("failed: api-sqlite-a: four", said)
        self.assertIn("failed: api-postgres-a: four", said)

    @unittest.skipUnless(shutil.which("node"), "node is not there")
    def test_a_file_that_does_not_end_is_one_failure(self):
        self.node_tests(a="test('first', () => {});\nsetInterval(() => {}, 1000);\n",
                        b="test('second', () => {});\n")
        real = run_tests.run

        def impatient(command, limit_s, *more, **environment):
            # Only with the one that never ends: a busy machine needs longer to start the other.
            self.assertEqual(run_tests.FILE_LIMIT_S, limit_s)
            return real(command, 1 if command[-1].endswith("/a.test.mjs") else limit_s, *more,
                        **environment)
        self.enterContext(mock.patch.multiple(run_tests, run=impatient))
        files = [("t", file, {}) for file in run_tests.node_files("api")]
        status, said = self.said(("a", lambda: run_tests.run_node(files, 2), True))
        self.assertEqual((1, "1 passed, 1 failed"), (status, said[-1]))
        self.assertIn("failed: t-a: BROKEN: took more than 1 s", said)


if __name__ == "__main__":
    unittest.main()
