"""The files of the project, and what a rule says about them."""

import os
import re
from collections import namedtuple
from pathlib import Path, PurePosixPath

from house.source import Source

# One breach: where, which rule, and what to do about it.
Finding = namedtuple("Finding", "path line rule advice")

# Made by tools, not by us.
_MADE_FOLDERS = {"build", "node_modules", "dist", "__pycache__"}
_MADE_PATHS = {"data", "tests/output"}
_TEXT_SUFFIXES = {".cpp", ".hpp", ".py", ".ts", ".svelte", ".mjs", ".js", ".css", ".html", ".sql",
                  ".sh", ".cmake", ".md", ".yaml", ".yml", ".txt", ".json"}
_TEXT_NAMES = {"Makefile", "run", "HASHES"}
_TEXT_LIMIT_BYTES = 4 * 1024 * 1024


class Tree:
    """All files under a root, read once."""

    def __init__(self, root):
        self.root = Path(root)
        self.folders, self.files, self.sources = [], [], []
        for folder, names, files in os.walk(self.root):
            here = PurePosixPath(Path(folder).relative_to(self.root).as_posix())
            names[:] = sorted(n for n in names if self._is_ours(here / n))
            if files and str(here) != ".":
                self.folders.append(here)
            for name in sorted(files):
                self.files.append(here / name)
                self._read(here / name)
        self._by_path = {str(source.path): source for source in self.sources}

    @staticmethod
    def _is_ours(path):
        hidden = path.name.startswith(".") and path.name != ".ci"
        return not (hidden or path.name in _MADE_FOLDERS or str(path) in _MADE_PATHS)

    def _read(self, path):
        whole = self.root / path
        if path.suffix not in _TEXT_SUFFIXES and path.name not in _TEXT_NAMES:
            return
        if whole.stat().st_size > _TEXT_LIMIT_BYTES:
            return
        try:
            self.sources.append(Source(path, whole.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            pass  # not text after all: an image or a corpus entry

    def source(self, path):
        """The text file of that path, or None."""
        return self._by_path.get(path)

    def cpp(self, *tops):
        """C++ files below the given top folders."""
        return [s for s in self.sources if s.is_cpp() and s.path.parts[0] in tops]

    def rooms(self):
        """Names of the folders of src that hold C++ files."""
        found = {s.room() for s in self.cpp("src")}
        return sorted(found - {"main"})


def search(sources, pattern, rule, advice, view="code"):
    """A finding for every match of `pattern` in a view of the sources."""
    compiled = re.compile(pattern)
    for source in sources:
        for match in compiled.finditer(getattr(source, view)):
            text = re.sub(r"\s+", " ", match.group()).strip()
            yield Finding(source.path, source.line_at(match.start()), rule,
                          advice.format(text=text))
