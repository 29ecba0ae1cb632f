"""Builds the zip of the presigned-URL function: ``python -m infra.aws_lambda.package FILE``.

It holds just the modules the function imports; boto3 is part of Lambda's Python runtime. Equal sources make
an equal zip, so Terraform sees a change only where there is one.
"""

from __future__ import annotations

import argparse
import ast
import base64
import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGINS = REPOSITORY / "plugins"
HANDLER = "regendata.api.aws_lambda"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Write the zip and say its checksum as Terraform compares it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("zip", type=Path, help="file to write")
    target: Path = parser.parse_args().zip
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = build(target)
    print(f"{target}: {target.stat().st_size:,} bytes, source_code_hash {digest}")


def build(target: Path) -> str:
    """Write the zip; returns its sha256 in base64."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files_of(HANDLER)):
            entry = zipfile.ZipInfo(path.relative_to(PLUGINS).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Readable for the user that Lambda runs as.
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return base64.b64encode(hashlib.sha256(target.read_bytes()).digest()).decode()


def files_of(module: str) -> set[Path]:
    """Files of a module, of its packages, and of every module of ours that these import."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        for path in _files(waiting.pop()):
            if path not in found:
                found.add(path)
                waiting += _imports(path)
    return found


def _files(module: str) -> Iterator[Path]:
    """The module's own file, and ``__init__`` of every package around it; nothing for a name inside one."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        place = PLUGINS.joinpath(*parts[:length])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("regendata"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("regendata"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


if __name__ == "__main__":
    main()
