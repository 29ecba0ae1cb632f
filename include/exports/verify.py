#!/usr/bin/env python3
"""Check published data sets against their manifest: size, sha256, rows and schema of every Parquet file.

usage: python3 verify.py MANIFEST [DATA_SET ...]

MANIFEST is an address (https://...) or a file; other files are looked for beside it. Nothing but Python 3.8
is needed. Ends with 0 when all is as the manifest says, 1 when something is not, 2 when it cannot be read.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import struct
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

PIECE = 1 << 20
MAGIC = b"PAR1"
TYPES = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
#: Kinds of values in Thrift's compact protocol, which the footer of a Parquet file is written in.
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


class Unreadable(Exception):
    """Manifest or file cannot be had."""


class Footer:
    """Reads Thrift's compact protocol: structures become dicts of field number to value."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.content[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def number(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def binary(self) -> bytes:
        size = self.varint()
        self.at += size
        return self.content[self.at - size : self.at]

    def struct(self) -> dict[int, Any]:
        fields: dict[int, Any] = {}
        field = 0
        while True:
            head = self.byte()
            if head == 0:
                return fields
            field = field + (head >> 4) if head >> 4 else self.number()
            kind = head & 0x0F
            fields[field] = kind == TRUE if kind in (TRUE, FALSE) else self.value(kind)

    def list(self) -> list[Any]:
        head = self.byte()
        size = head >> 4 if head >> 4 < 15 else self.varint()
        return [self.value(head & 0x0F) for _ in range(size)]

    def map(self) -> list[tuple[Any, Any]]:
        size = self.varint()
        kinds = self.byte() if size else 0
        return [(self.value(kinds >> 4), self.value(kinds & 0x0F)) for _ in range(size)]

    def double(self) -> float:
        self.at += 8
        return struct.unpack("<d", self.content[self.at - 8 : self.at])[0]

    def value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):
            return self.byte() == TRUE
        reader = {
            BYTE: self.byte, I16: self.number, I32: self.number, I64: self.number, DOUBLE: self.double,
            BINARY: self.binary, LIST: self.list, SET: self.list, MAP: self.map, STRUCT: self.struct,
        }  # fmt: skip
        return reader[kind]()


def read_footer(file: IO[bytes]) -> tuple[int, list[tuple[str, str]]]:
    """Rows, and columns as (name, physical type), of an open Parquet file."""
    file.seek(-8, 2)
    size, magic = struct.unpack("<I4s", file.read(8))
    file.seek(0)
    if magic != MAGIC or file.read(4) != MAGIC:
        raise ValueError("is no Parquet file")
    file.seek(-8 - size, 2)
    footer = Footer(file.read(size)).struct()
    # FileMetaData: 2 is the schema, whose first element is the root, 3 the number of rows.
    columns = [(element[4].decode(), TYPES[element[1]]) for element in footer[2][1:]]
    return footer[3], columns


def faults_of(file: IO[bytes], expected: dict[str, Any]) -> list[str]:
    """What differs between an open file and its entry in the manifest, in words."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    for piece in iter(lambda: file.read(PIECE), b""):
        digest.update(piece)
        size += len(piece)
    faults = [
        f"{name} is {found}, not {wanted}"
        for name, found, wanted in (
            ("size", size, expected["bytes"]),
            ("sha256", digest.hexdigest(), expected["sha256"]),
        )
        if found != wanted
    ]
    return faults or footer_faults(file, expected)


def footer_faults(file: IO[bytes], expected: dict[str, Any]) -> list[str]:
    """The same for what the footer says, which only a file with the right checksum is asked."""
    try:
        rows, columns = read_footer(file)
    except (ValueError, KeyError, IndexError, struct.error, OSError) as error:
        return [f"is not readable as Parquet: {error}"]
    wanted = [(column["name"], column["parquet"]) for column in expected["columns"]]
    faults = [] if rows == expected["rows"] else [f"rows are {rows}, not {expected['rows']}"]
    return faults if columns == wanted else [*faults, f"columns are {columns}, not {wanted}"]


@contextmanager
def opened(base: str, path: str) -> Iterator[IO[bytes]]:
    """A local file, or a copy of one that stands on the web."""
    parts = urllib.parse.urlsplit(path)
    if parts.scheme or parts.netloc or path.startswith("/") or ".." in path.split("/"):
        raise Unreadable(f"{path} leads away from the manifest")
    if not is_address(base):
        with open(os.path.join(os.path.dirname(base), path), "rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        with urllib.request.urlopen(urllib.parse.urljoin(base, path), timeout=60) as answer:
            for piece in iter(lambda: answer.read(PIECE), b""):
                copy.write(piece)
        yield copy


def is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def read_manifest(place: str) -> Any:
    if is_address(place):
        with urllib.request.urlopen(place, timeout=60) as answer:
            return json.load(answer)
    with open(place, encoding="utf-8") as file:
        return json.load(file)


def faults_at(place: str, entry: dict[str, Any]) -> list[str]:
    """What differs between a data set's file, wherever it stands, and its entry."""
    try:
        with opened(place, entry["path"]) as file:
            return faults_of(file, entry)
    except (OSError, http.client.HTTPException) as error:
        return [f"cannot be read: {error}"]


def check(place: str, names: list[str]) -> int:
    """Number of data sets that are not as the manifest says."""
    entries = read_manifest(place)["data_sets"]
    unknown = sorted(set(names) - set(entries))
    if unknown:
        raise Unreadable(f"the manifest has no {', '.join(unknown)}")
    bad = 0
    for name in names or sorted(entries):
        entry = entries[name]
        faults = faults_at(place, entry)
        bad += bool(faults)
        told = "; ".join(faults) or f"{entry['rows']} rows, {entry['bytes']} bytes"
        sys.stdout.write(f"{'FAILED' if faults else 'ok':<7}{name}: {told}\n")
    return bad


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        sys.stderr.write(__doc__)
        return 2
    try:
        bad = check(arguments[0], arguments[1:])
    except (
        OSError,
        ValueError,
        KeyError,
        Unreadable,
        urllib.error.URLError,
        http.client.HTTPException,
    ) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 2
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
