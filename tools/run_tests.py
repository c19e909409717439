#!/usr/bin/env python3
"""Runs everything that proves that the program works; `make test` calls it.

Each stage prints when it begins and how long it took. A stage that breaks (does not build, finds
nothing to run, takes too long) counts as one failure. The last line is `N passed, N failed`.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from private_postgres import PrivatePostgres

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "test-output"
JOBS = "2"
TEST_LIMIT_S = "600"
# Of a file of node's tests; the slowest needs an eighth of it on a quiet machine.
FILE_LIMIT_S = 600
# Most of a test that talks to servers is waiting.
FILES_AT_ONCE = 3
# Programs that run a second time under AddressSanitizer and UBSan: all that are quick.
SANITIZED = re.compile(r"^(unit|property|fuzz)_\w+$")


class Broken(Exception):
    """A stage that could not say how many tests passed."""


# What failed, named once more at the end, where one looks first.
failures = []


def run(command, limit_s, told=None, **environment):
    """The exit status of a command that may take `limit_s` seconds; it gets no input.

    What it prints goes to the file `told`, if any.
    """
    print("+ " + " ".join(map(str, command)), flush=True)
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=told,
                               stderr=told and subprocess.STDOUT,
                               start_new_session=True, env={**os.environ, **environment})
    try:
        return process.wait(limit_s)
    except BaseException as reason:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(reason, subprocess.TimeoutExpired):
            raise Broken(f"took more than {limit_s} s") from None
        raise


def must(command, limit_s):
    status = run(command, limit_s)
    if status != 0:
        raise Broken(f"{command[0]} ended with status {status}")


def read(command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def web():
    must(["make", "--no-print-directory", "web"], 600)
    return 0, 0


def build():
    must(["cmake", "--preset", "release"], 300)
    must(["cmake", "--build", "build/release", "--parallel", JOBS], 1200)
    return 0, 0


def ctest(folder, name, *selection, limit_s=1200):
    """(passed, failed) of a CTest run, from its own report."""
    report = OUTPUT / f"{name}.xml"
    status = run(["ctest", "--test-dir", folder, "--parallel", JOBS, "--output-on-failure",
                  "--no-tests=error", "--timeout", TEST_LIMIT_S,
                  "--output-junit", str(report), *selection], limit_s)
    if not report.is_file():
        raise Broken(f"ctest ended with status {status} and no report")
    suite = ElementTree.parse(report).getroot()
    failures.extend(f"{name}: {test.attrib['name']}" for test in suite.iter("testcase")
                    if test.attrib.get("status") == "fail")
    counted = suite.attrib
    total, failed = int(counted["tests"]), int(counted["failures"])
    skipped = int(counted["skipped"]) + int(counted["disabled"])
    if status != 0 and failed == 0:
        raise Broken(f"ctest ended with status {status}")
    if skipped:
        print(f"({skipped} skipped)")
    return total - failed - skipped, failed


def release_tests():
    return ctest("build/release", "release")


def sanitized_tests():
    must(["cmake", "--preset", "asan"], 300)
    listing = read(["cmake", "--build", "build/asan", "--target", "help"])
    targets = sorted({line.partition(":")[0] for line in listing.splitlines()
                      if SANITIZED.match(line.partition(":")[0])})
    if not targets:
        raise Broken("no target is called unit_*, property_* or fuzz_*")
    must(["cmake", "--build", "build/asan", "--parallel", JOBS, "--target", *targets], 1200)
    tests = json.loads(read(["ctest", "--test-dir", "build/asan", "--show-only=json-v1"]))["tests"]
    # What is done twice shows mistakes of logic, which the release build has been asked about; and
    # the driver of PostgreSQL is the same whichever room stands on it.
    numbers = [str(number) for number, test in enumerate(tests, 1)
               if Path(test.get("command", ["?"])[0]).name in targets
               and not test["name"].endswith(".stumbling")
               and (not test["name"].endswith(".postgres")
                    or test["command"][0].endswith("unit_storage"))]
    # The file holds: start, end, stride (none), then the numbers of single tests.
    chosen = OUTPUT / "sanitized.txt"
    chosen.write_text("0,0,0," + ",".join(numbers) + "\n", encoding="utf-8")
    return ctest("build/asan", "asan", "--tests-information", str(chosen))


def node_files(folder):
    files = sorted((ROOT / "tests" / folder).glob("*.test.mjs"))
    if not files:
        raise Broken(f"tests/{folder} has no *.test.mjs")
    return files


def run_node_file(name, file, **environment):
    """(passed, failed) of a test file, from the runner's closing TAP lines; tells of it at its end.

    A file that does not come to its end is one failure, and keeps no other file from its turn.
    """
    file = file.relative_to(ROOT)
    name = f"{name}-{file.name.partition('.')[0]}"
    report, told = OUTPUT / f"{name}.tap", OUTPUT / f"{name}.txt"
    report.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        with told.open("wb") as output:
            status = run(["node", "--test", "--test-reporter=spec",
                          "--test-reporter-destination=stdout", "--test-reporter=tap",
                          f"--test-reporter-destination={report}", str(file)],
                         FILE_LIMIT_S, output,
                         QUITTANCE_PROGRAM=str(ROOT / "build/release/quittance"), **environment)
        passed, failed = read_tap(report, status)
        failures.extend(f"{name}: {test}" for test in failed_in_tap(report))
    except Broken as reason:
        passed, failed = 0, 1
        failures.append(f"{name}: BROKEN: {reason}")
    print(f"\n{told.read_text(encoding='utf-8', errors='replace')}"
          f"({name}: {passed} passed, {failed} failed, {time.monotonic() - start:.0f} s)",
          flush=True)
    return passed, failed


def failed_in_tap(report):
    return re.findall(r"^ *not ok \d+ - (.*)$", report.read_text(encoding="utf-8"), re.MULTILINE)


def read_tap(report, status):
    text = report.read_text(encoding="utf-8") if report.is_file() else ""
    counted = dict(re.findall(r"^# (pass|fail|cancelled|skipped|todo) (\d+)$", text, re.MULTILINE))
    if "pass" not in counted:
        raise Broken(f"node ended with status {status} and no report")
    passed, failed = int(counted["pass"]), int(counted["fail"]) + int(counted["cancelled"])
    if status != 0 and failed == 0:
        raise Broken(f"node ended with status {status}")
    if passed + failed + int(counted["skipped"]) == 0:
        raise Broken("it ran no test")
    return passed, failed


def run_node(runs, at_once):
    """(passed, failed) of runs (name, file, environment), so many of them at once."""
    with ThreadPoolExecutor(at_once) as pool:
        counts = list(pool.map(lambda one: run_node_file(one[0], one[1], **one[2]), runs))
    if sum(passed + failed for passed, failed in counts) == 0:
        raise Broken("no test was run")
    return sum(passed for passed, _ in counts), sum(failed for _, failed in counts)


def page_tests():
    must(["npm", "--prefix", "web", "run", "check"], 300)
    web = ROOT / "web"
    files = sorted([*web.glob("*.test.mjs"), *web.glob("tests/*.test.mjs")])
    return run_node([("web", file, {}) for file in files], FILES_AT_ONCE)


def api_tests():
    must(["make", "--no-print-directory", "test-clients"], 600)
    return run_node([(f"api-{database}", file, {"TEST_DB": database})
                     for file in node_files("api") for database in ["sqlite", "postgres"]],
                    FILES_AT_ONCE)


def browser_tests():
    must(["make", "--no-print-directory", "test-clients"], 600)
    return run_node([("e2e", file, {}) for file in node_files("e2e")], 2)


# Title, what it does, and whether the rest is pointless without it.
STAGES = [
    ("pages", web, True),
    ("tests of the pages", page_tests, False),
    ("release build", build, True),
    ("tests of the release build", release_tests, False),
    ("unit and fuzz tests under sanitizers", sanitized_tests, False),
    ("API tests on both databases", api_tests, False),
    ("end-to-end tests in a browser", browser_tests, False),
]


def stages_to_run():
    if (ROOT / "tests" / "package.json").is_file():
        return STAGES
    print("There is no tests/package.json, so there are no API and browser tests to run.")
    return [stage for stage in STAGES
            if stage[1] not in (api_tests, browser_tests)]


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    # One server for all that runs on PostgreSQL; each test has a schema of its own in it.
    with PrivatePostgres() as url:
        os.environ["TEST_POSTGRES"] = url
        return run_stages()


def run_stages():
    began, passed, failed = time.monotonic(), 0, 0
    failures.clear()
    for title, stage, needed in stages_to_run():
        start = time.monotonic()
        print(f"\n== {title} (at {start - began:.0f} s)", flush=True)
        good, bad = 0, 0
        try:
            good, bad = stage()
            outcome = f"{good} passed, {bad} failed" if good or bad else "done"
        except (Broken, subprocess.SubprocessError, OSError) as reason:
            bad, outcome = 1, f"BROKEN: {reason}"
            failures.append(f"{title}: {outcome}")
        passed, failed = passed + good, failed + bad
        print(f"-- {title}: {outcome}, {time.monotonic() - start:.0f} s", flush=True)
        if needed and bad:
            print("Nothing after this can be judged.")
            break
    for failure in failures:
        print(f"failed: {failure}")
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
