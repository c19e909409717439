#!/usr/bin/env python3
"""Writes vectors.json: roots and proofs of small trees, from the recursive definitions of RFC 9162
sections 2.1.1, 2.1.3.1 and 2.1.4.1 alone, and leaf hashes of audit entries from docs/audit.md.
Shares nothing with src/base/merkle.cpp and src/storage/audit_bytes.cpp."""

import hashlib
import json
import pathlib
import struct


def sha256(data):
    return hashlib.sha256(data).digest()


def split(size):
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def root(entries):
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return sha256(b"\0" + entries[0])
    half = split(len(entries))
    return sha256(b"\1" + root(entries[:half]) + root(entries[half:]))


def inclusion(index, entries):
    if len(entries) == 1:
        return []
    half = split(len(entries))
    if index < half:
        return inclusion(index, entries[:half]) + [root(entries[half:])]
    return inclusion(index - half, entries[half:]) + [root(entries[:half])]


def consistency(old, entries, known=True):
    if old == len(entries):
        return [] if known else [root(entries)]
    half = split(len(entries))
    if old <= half:
        return consistency(old, entries[:half], known) + [root(entries[half:])]
    return consistency(old - half, entries[half:], False) + [root(entries[:half])]


def entry(number):
    return b"" if number == 0 else f"entry {number}".encode() * number


def text(words):
    data = words.encode()
    return struct.pack(">I", len(data)) + data


def audit_bytes(fields):
    return (b"\1" + struct.pack(">QQ", fields["seq"], fields["created_at"]) + text(fields["actor"])
            + text(fields["action"]) + text(fields["subject_type"])
            + struct.pack(">Q", fields["subject_id"]) + text(fields["details"]))


AUDIT = [
    {"seq": 1, "created_at": 0, "actor": "", "action": "", "subject_type": "", "subject_id": 0,
     "details": ""},
    {"seq": 2, "created_at": 1_790_000_000_123, "actor": "system", "action": "order.placed",
     "subject_type": "order", "subject_id": 17, "details": '{"total_minor":1250}'},
    {"seq": 2**40, "created_at": 1_790_000_000_123, "actor": "សុខា", "action": "order.canceled",
     "subject_type": "order", "subject_id": 2**53, "details": '{"reason":"\u2028 moved"}'},
]


def main():
    entries = [entry(number) for number in range(300)]
    sizes = [*range(18), 31, 32, 33, 255, 256, 257, 300]
    pairs = [(index, size) for size in sizes for index in (0, 1, 6, size // 2, size - 1)
             if 0 <= index < size]
    olds = [(old, size) for size in sizes for old in (1, 2, 3, 6, 16, 255, 256) if old < size]
    vectors = {
        "entries": [data.hex() for data in entries[:18]],
        "roots": [{"size": size, "root": root(entries[:size]).hex()} for size in sizes],
        "inclusion": [{"index": index, "size": size,
                       "proof": [node.hex() for node in inclusion(index, entries[:size])]}
                      for index, size in dict.fromkeys(pairs)],
        "consistency": [{"old_size": old, "size": size,
                         "proof": [node.hex() for node in consistency(old, entries[:size])]}
                        for old, size in olds],
        "audit": [{**fields, "bytes": audit_bytes(fields).hex(),
                   "leaf_hash": root([audit_bytes(fields)]).hex()} for fields in AUDIT],
    }
    page = pathlib.Path(__file__).parent / "vectors.json"
    page.write_text(json.dumps(vectors, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
