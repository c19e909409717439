"""A text file of the project as the house rules look at it.

C++ is cut into views of the same lines: `code` (comments and the insides of literals are blanks),
`bare` (code without preprocessor lines), `comments` (nothing but comments) and `literals` (the
texts between quotes, neighbours joined as the compiler joins them). Positions are the same in all
of them, so a match anywhere has its line.
"""

import bisect
import re
from pathlib import PurePosixPath

# Where the parts of a C++ file that are not code begin and end. A number comes before a character
# literal so that the quotes in 16'384 are not taken for one.
_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>\b(?:u8|[uUL])?R"(?P<mark>[^\s()\\]{0,16})\((?P<rawtext>.*?)\)(?P=mark)")
  | (?P<number>(?<![\w.])\d(?:'?[\w.])*)
  | (?P<string>"(?P<text>(?:\\.|[^"\\\n])*)")
  | (?P<char>'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)

_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


class Source:
    """One file: `path` is relative to the root, with slashes."""

    def __init__(self, path, text):
        self.path = PurePosixPath(path)
        self.text = text
        self.lines = text.splitlines()
        self.code = text
        self.comments = text
        self.literals = []
        self._line_starts = [0] + [m.end() for m in re.finditer("\n", text)]
        if self.is_cpp():
            self._cut()

    def is_cpp(self):
        return self.path.suffix in (".cpp", ".hpp")

    def is_header(self):
        return self.path.suffix == ".hpp"

    def line_at(self, position):
        return bisect.bisect_right(self._line_starts, position)

    def room(self):
        """`core` for src/core/...; `main` for a file that lies in src itself; else None."""
        parts = self.path.parts
        if parts[0] != "src":
            return None
        return parts[1] if len(parts) > 2 else "main"

    def _cut(self):
        code, comments, spans, last = [], [], [], 0
        for token in _TOKEN.finditer(self.text):
            between, whole = self.text[last:token.start()], token.group()
            last = token.end()
            code.append(between)
            comments.append(_blank(between))
            comments.append(whole if token.group("comment") else _blank(whole))
            if token.group("number"):
                code.append(whole)
            elif token.group("comment"):
                code.append(_blank(whole))
            else:
                code.append(whole[0] + _blank(whole[1:-1]) + whole[-1])
            if whole.endswith('"') and not token.group("comment"):
                literal = token.group("rawtext") or token.group("text") or ""
                spans.append((token.start(), token.end(), literal))
        self.code = "".join(code) + self.text[last:]
        self.comments = "".join(comments) + _blank(self.text[last:])
        self.bare = _DIRECTIVE.sub(lambda m: _blank(m.group()), self.code)
        end = None
        for start, stop, literal in spans:
            if end is not None and not self.code[end:start].strip():
                position, text = self.literals[-1]
                self.literals[-1] = (position, text + literal)
            else:
                self.literals.append((start, literal))
            end = stop


_KEYWORDS = re.compile(r"^\s*(if|for|while|switch|catch|do|else|try)\b")
_TYPE = re.compile(r"\b(class|struct|union|enum)\b(?![^<]*>)")


class Block:
    """A pair of braces: its kind (`namespace type function other`), head text and extent."""

    def __init__(self, kind, head, start, opening):
        self.kind, self.head, self.start, self.opening = kind, head, start, opening
        self.closing = opening


def _kind(head, before, parent):
    """What an opening brace opens, from the text since the last statement."""
    text = re.sub(r"\s+", " ", head).strip()
    if parent and parent.kind in ("function", "other"):
        return "other"
    if re.search(r"\bnamespace\b", text) or (text.startswith('extern "') and "(" not in text):
        return "namespace"
    if re.search(r"(=|,|\(|\breturn)$", text):
        return "initializer"
    if _TYPE.search(text) and not re.search(r"\)\s*(const|noexcept|override|final|->|$)", text):
        return "type"
    # clang-format puts a blank before the brace of a body, and none before that of a value.
    if "(" not in text or not before.isspace():
        return "initializer"
    return "other" if _KEYWORDS.match(text) else "function"


def blocks(source):
    """All blocks of a C++ file, outer before inner; trusts that clang-format set the blanks."""
    code, found, stack, head_start = source.bare, [], [], 0
    for mark in re.finditer(r"[{};]|\b(?:public|private|protected):", code):
        char, position = mark.group(), mark.start()
        if char == "{":
            head = code[head_start:position]
            start = head_start + len(head) - len(head.lstrip())
            parent = stack[-1] if stack else None
            kind = _kind(head, code[max(position - 1, 0)], parent)
            stack.append(Block(kind, head.strip(), start, position))
            found.append(stack[-1])
            if kind != "initializer":
                head_start = position + 1
        elif char == "}" and stack:
            stack[-1].closing = position
            if stack.pop().kind != "initializer":
                head_start = position + 1
        elif char != "}" and not (stack and stack[-1].kind == "initializer"):
            head_start = mark.end()
    return found


def statements(source, found):
    """(position, text) of what stands directly in namespaces: bodies and types are left out."""
    code = list(source.bare)
    for block in found:
        if block.kind == "namespace":
            code[block.start:block.opening + 1] = ";" * (block.opening + 1 - block.start)
            code[block.closing] = ";"
        elif block.kind != "initializer":
            inside = slice(block.start, block.closing + 1)
            code[inside] = _blank("".join(code[inside]))
    text, start = "".join(code), 0
    for mark in re.finditer(";", text):
        piece = text[start:mark.start()]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), piece.strip()
        start = mark.end()
