"""A SQL file with a YAML header in its first comment."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice; plain YAML silently takes the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_HEADER = re.compile(r"\A\s*/\*(?P<yaml>.*?)\*/", re.DOTALL)


@dataclass(frozen=True)
class SqlFile:
    """One file under ``include/sql``: the path is the name, the header a mapping, the body plain SQL."""

    path: Path
    header: dict[str, Any]
    body: str
    body_line: int

    @property
    def relation(self) -> Relation:
        return Relation(self.path.parent.name, self.path.stem)


def read(path: Path, known_keys: Collection[str]) -> SqlFile:
    """Split one file into header and body.

    :raises ModelFileError: header missing, not a mapping, or with a key outside ``known_keys``.
    """
    text = path.read_text(encoding="utf-8")
    found = _HEADER.match(text)
    if not found:
        raise ModelFileError(path, "starts without a header: a /* ... */ comment in YAML", 1)
    header = _mapping(found["yaml"], path, text.count("\n", 0, found.start("yaml")) + 1)
    unknown = sorted(set(header) - set(known_keys), key=str)
    if unknown:
        raise ModelFileError(
            path, f"unknown header key {unknown[0]!r}; known keys: {', '.join(known_keys)}", 1
        )
    body = text[found.end() :]
    blank = len(body) - len(body.lstrip())
    line = text.count("\n", 0, found.end() + blank) + 1
    return SqlFile(path, header, body.strip().removesuffix(";").rstrip(), line)


def _mapping(text: str, path: Path, first_line: int) -> dict[str, Any]:
    try:
        header = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        raise ModelFileError(path, f"header is not YAML: {error}", line) from error
    if not isinstance(header, dict):
        raise ModelFileError(path, "header is not a mapping of keys to values", 1)
    return header
