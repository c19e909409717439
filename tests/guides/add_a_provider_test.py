"""docs/guides/add-a-provider.md, followed to the letter outside the tree.

Usage: add_a_provider_test.py [BUILD_FOLDER]

Its blocks are written to the files that they name; the new files are compiled as CMake would,
linked to the libraries and objects that are there already, tested, and take a payment from the
order to its end through the real server and sandbox. Then the guide is made to lie, and each lie
is found.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build" / "release"
GUIDE = (ROOT / "docs" / "guides" / "add-a-provider.md").read_text(encoding="utf-8")
NAME = "tamarind"
# Whose compiler flags a new file gets: a neighbour of the same library.
NEIGHBOURS = {"src/providers": "src/providers/cash.cpp", "src/sandbox": "src/sandbox/shelf.cpp",
              "tests/unit/providers": "tests/unit/providers/cash_test.cpp"}
STEPS = {"adapter": f"src/providers/{NAME}.cpp", "simulator": f"src/sandbox/{NAME}.cpp",
         "registry": "src/rails.hpp", "test": f"tests/unit/providers/{NAME}_test.cpp",
         "page": f"docs/providers/{NAME}.md"}
FRESH = ("adapter", "simulator", "test")
# On a machine that compiles other things meanwhile.
PATIENCE_S = 120
COMMAND_LIMIT_S = 600

_BLOCK = re.compile(r"^```\w+ (\S+)(?: \+after (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(guide):
    """(file, the words of the line it goes below or None, text) of each block that names a file."""
    return [match.groups() for match in _BLOCK.finditer(guide)]


def follow(guide, root):
    """Does what the guide says below `root`; what it changes is taken from the tree first."""
    for path, anchor, text in blocks(guide):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if anchor is None:
            target.write_text(text, encoding="utf-8")
            continue
        if not target.exists():
            shutil.copy(ROOT / path, target)
        lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
        at = [i for i, line in enumerate(lines) if line.split("\\")[0].strip() == anchor]
        assert len(at) == 1, f"{path} has {len(at)} lines {anchor}"
        target.write_text("".join(lines[:at[0] + 1]) + text + "".join(lines[at[0] + 1:]),
                          encoding="utf-8")


def must(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_LIMIT_S,
                          **more)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def copied_tree(root):
    """All that the house rules look at."""
    for name in ("src", "tests", "docs", "tools", "ARCHITECTURE.md", ".env.example"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name,
                            ignore=shutil.ignore_patterns("node_modules", "output", "__pycache__"))
        else:
            shutil.copy(source, root / name)


def house_rules(root):
    """What the rules find in that tree, as lines."""
    done = subprocess.run([sys.executable, str(root / "tools" / "check.py"), "--root", str(root)],
                          capture_output=True, text=True, timeout=COMMAND_LIMIT_S)
    return done.stdout.splitlines()[:-1] if done.returncode else []


class Workshop:
    """Compiles and links outside the tree with the flags of the build."""

    def __init__(self, root):
        self.root = root
        rows = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
        self.flags = {os.path.relpath(row["file"], ROOT): row for row in rows}

    def compile(self, path):
        """The object of a file below our root; where it is not new, with its own flags."""
        row = self.flags.get(path) or self.flags[NEIGHBOURS[os.path.dirname(path)]]
        made = str(self.root / (path + ".o"))
        words = shlex.split(row["command"])
        words = words[[i for i, w in enumerate(words) if w.endswith(("c++", "g++"))][0]:]
        kept, skip = [], False
        for word in words[1:]:
            if not skip and word not in ("-c", "-o", "-MF", "-MT", "-MQ", "-MD") \
                    and word != row["file"]:
                kept.append(word)
            skip = word in ("-o", "-MF", "-MT", "-MQ")
        # Our own folder first: its src/rails.hpp is the one with the new line.
        must([words[0], f"-I{self.root / 'src'}", *kept, "-c", str(self.root / path), "-o", made],
             cwd=row["directory"])
        return made

    def compile_all(self, paths):
        made, threads = {}, []
        for path in paths:
            threads.append(threading.Thread(
                target=lambda p=path: made.__setitem__(p, self._told(p))))
            threads[-1].start()
        for thread in threads:
            thread.join()
        broken = [str(error) for error in made.values() if isinstance(error, AssertionError)]
        assert not broken, "\n".join(broken)
        return made

    def _told(self, path):
        try:
            return self.compile(path)
        except AssertionError as error:
            return error

    def link(self, target, made, without, ours):
        """Links `target` as the build does, with our objects in the place of some of its own."""
        told = must(["ninja", "-C", str(BUILD), "-t", "commands", "-s", target])
        commands = [part.split() for part in told.splitlines()[-1].split(" && ")]
        words = [word for word in next(c for c in commands if "-o" in c)
                 if not (word.endswith(".cpp.o") and without(word))]
        at = words.index("-o")
        words[at + 1] = str(self.root / made)
        must(words[:at] + ours + words[at:], cwd=BUILD)
        return self.root / made


def call(method, url, body=None, **headers):
    """(status, JSON) of one HTTP call."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            return reply.status, json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Demo:
    """`quittance demo`, until the end of a with."""

    def __init__(self, program, folder):
        self.shop, self.bank = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        ours = ("QUITTANCE_", "BAKONG_", "STRIPE_", "RAZORPAY_", "QPAY_", "MVOLA_", "TAMARIND_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        # Questions by the clock come too late for this test: the signed notice has to do it.
        environment |= {"QUITTANCE_FIRST_CHECK_AFTER_MS": "3600000"}
        self.process = subprocess.Popen(
            [str(program), "demo", "--port", self.shop.rpartition(":")[2], "--sandbox-port",
             self.bank.rpartition(":")[2], "--data", str(folder)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        self.eventually(self._sells, "the shop has something to sell")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def _sells(self):
        try:
            return bool(call("GET", f"{self.shop}/api/products")[1]["products"])
        except OSError:
            return False

    def eventually(self, holds, what):
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until and self.process.poll() is None, f"not so: {what}"
            threading.Event().wait(0.05)


def pay_an_order(demo):
    """From the cart to the completed order, by the provider of the guide; (order, session)."""
    product = call("GET", f"{demo.shop}/api/products")[1]["products"][0]
    status, order = call("POST", f"{demo.shop}/api/orders",
                         {"items": [{"product_id": product["id"], "quantity": 1}],
                          "payment_method": "khqr"})
    assert status == 201, order
    secret = {"X_Order_Secret": order["order_secret"]}
    url = f"{demo.shop}/api/orders/{order['order_id']}"
    due = call("GET", url, **secret)[1]
    money = {"amount": due["amount"], "currency": due["currency"]}
    status, session = call("POST", f"{demo.shop}/api/payment/create-session",
                           {"provider": NAME, "order_id": order["order_id"], **money}, **secret)
    assert status == 200 and session["qr_data"].startswith("TAMARIND:"), session
    waiting = call("GET", f"{demo.bank}/control/rails/{NAME}/waiting")[1]["waiting"]
    assert [w["ref"] for w in waiting] == [session["session_id"]], waiting
    status, paid = call("POST", f"{demo.bank}/control/rails/{NAME}/act",
                        {"ref": session["session_id"], "choice": "pay", "payer": "0123"})
    assert status == 200, paid
    demo.eventually(lambda: call("GET", url, **secret)[1]["status"] == "COMPLETED",
                    "the order is completed")
    order = call("GET", url, **secret)[1]
    return order, next(s for s in order["sessions"] if s["session_id"] == session["session_id"])


class AddAProvider(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="quittance-guide-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name) / "told"
        follow(GUIDE, cls.root)
        # Whoever reads the registry is compiled again; everything else is as it was built.
        cls.readers = [path.name for path in (ROOT / "src").glob("*.cpp")
                       if '"rails.hpp"' in path.read_text(encoding="utf-8")]
        for name in cls.readers:
            shutil.copy(ROOT / "src" / name, cls.root / "src" / name)
        cls.workshop = Workshop(cls.root)
        cls.made = cls.workshop.compile_all([*(STEPS[step] for step in FRESH),
                                             *(f"src/{name}" for name in cls.readers)])

    def fresh(self, **instead):
        return [instead.get(step, self.made[STEPS[step]]) for step in FRESH]

    def unit_tests(self, **instead):
        """(status, output) of the guide's test, with other objects in the place of some."""
        program = self.workshop.link("tests/unit_providers", "unit_tests",
                                     lambda word: "unit_providers.dir" in word,
                                     self.fresh(**instead))
        done = subprocess.run([str(program), "--gtest_filter=Tamarind.*"], capture_output=True,
                              text=True, timeout=COMMAND_LIMIT_S)
        return done.returncode, done.stdout

    def lying(self, step, truth, lie):
        """The object of a step in which the guide is wrong."""
        self.assertEqual(1, GUIDE.count(truth), truth)
        with tempfile.TemporaryDirectory(prefix="quittance-lie-") as folder:
            workshop = Workshop(Path(folder))
            follow(GUIDE.replace(truth, lie), workshop.root)
            made = self.root / f"lying_{step}.o"
            shutil.copy(workshop.compile(STEPS[step]), made)
        return str(made)

    def test_the_guide_names_one_file_for_each_step(self):
        self.assertEqual(sorted(STEPS.values()), sorted(path for path, _, _ in blocks(GUIDE)))
        line = [(below, text) for path, below, text in blocks(GUIDE) if path == STEPS["registry"]]
        self.assertEqual([("RAIL(kMvola)", 1)], [(b, text.count("\n")) for b, text in line])

    def test_its_own_test_passes(self):
        status, told = self.unit_tests()
        self.assertEqual(0, status, told)
        self.assertRegex(told, r"\[  PASSED  \] [5-9] tests")

    def test_an_order_is_paid_through_the_real_server_and_sandbox(self):
        adapter, simulator, _ = self.fresh()
        program = self.workshop.link(
            "quittance", "quittance",
            lambda word: Path(word).name.removesuffix(".o") in self.readers,
            [adapter, simulator, *(self.made[f"src/{name}"] for name in self.readers)])
        with Demo(program, self.root / "data") as demo:
            order, session = pay_an_order(demo)
        self.assertEqual((order["amount_minor"], 0), (order["paid_minor"], order["due_minor"]))
        self.assertIsNotNone(session["completed_at"], session)
        self.assertTrue(order["receipt_url"])

    def test_a_guide_that_lies_does_not_pass(self):
        self.assertNotEqual(0, self.unit_tests(
            adapter=self.lying("adapter", 'state != "paid" ||', 'state != "payed" ||'))[0])
        self.assertNotEqual(0, self.unit_tests(simulator=self.lying(
            "simulator", 'add("X-Tamarind-Signature"', 'add("X-Tamarind-Sign"'))[0])
        with self.assertRaisesRegex(AssertionError, "kTamarind"):
            self.lying("test", "  RAIL(kTamarind)                   \\\n", "\n")

    def test_the_house_rules_hold_with_it_and_miss_each_step_left_out(self):
        with tempfile.TemporaryDirectory(prefix="quittance-tree-") as folder:
            root = Path(folder)
            copied_tree(root)
            before = (root / STEPS["registry"]).read_text(encoding="utf-8")
            follow(GUIDE, root)
            self.assertEqual([], house_rules(root))
            for step, path in STEPS.items():
                kept = (root / path).read_text(encoding="utf-8")
                if step == "registry":
                    (root / path).write_text(before, encoding="utf-8")
                else:
                    (root / path).unlink()
                found = house_rules(root)
                (root / path).write_text(kept, encoding="utf-8")
                with self.subTest(left_out=step):
                    self.assertTrue(found)
                    self.assertTrue(all(": provider-whole: " in line for line in found), found)


if __name__ == "__main__":
    unittest.main()
