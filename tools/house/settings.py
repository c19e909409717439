"""Every setting that the program reads stands in .env.example, and nothing else does."""

import re
from pathlib import PurePosixPath

from house.tree import Finding

_EXAMPLE = ".env.example"
_NAME = r"(?:QUITTANCE|BAKONG|STRIPE|RAZORPAY|QPAY|MVOLA)_[A-Z_]*[A-Z]"
_RULE = "settings-told"


def _read_by_program(tree):
    """Name of each setting, and where it is read: a literal of its own in src itself, or in an
    adapter."""
    for source in tree.cpp("src"):
        if source.room() not in ("main", "providers"):
            continue
        for position, text in source.literals:
            if re.fullmatch(_NAME, text):
                yield text, source, source.line_at(position)


def settings_told(tree):
    """The example names each setting once, as `NAME=` or, where it shows a default, `# NAME=`."""
    example = tree.root / _EXAMPLE
    lines = example.read_text(encoding="utf-8").splitlines() if example.exists() else []
    told = {}
    for number, line in enumerate(lines, start=1):
        match = re.match(rf"(?:# ?)?({_NAME})=", line)
        if match and match.group(1) in told:
            yield Finding(PurePosixPath(_EXAMPLE), number, _RULE, f"{match.group(1)} stands twice")
        if match:
            told.setdefault(match.group(1), number)
    read = set()
    for name, source, line in _read_by_program(tree):
        if name not in told and name not in read:
            yield Finding(source.path, line, _RULE, f"say in {_EXAMPLE} what {name} is")
        read.add(name)
    for name, number in told.items():
        if name not in read:
            yield Finding(PurePosixPath(_EXAMPLE), number, _RULE, f"nobody reads {name}")
