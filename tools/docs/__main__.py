"""`python -m tools.docs`: write every generated page; with `--check`, name those that are behind and fail."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.docs import architecture, dags, dictionary

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

REPOSITORY = Path(__file__).resolve().parents[2]


def pages(bag: DagBag) -> dict[str, str]:
    """Path from the repository's root -> text that belongs there."""
    entries = dictionary.entries()
    return {
        "DAGS.md": dags.page(bag),
        "docs/data_dictionary.md": dictionary.page(entries),
        "docs/data_dictionary.json": dictionary.export(entries),
        architecture.PICTURE: architecture.picture(),
        "docs/architecture.md": architecture.page(REPOSITORY / "docs" / "architecture.md", bag),
    }


def behind(bag: DagBag) -> list[str]:
    """Pages whose file says something else."""
    return [path for path, text in pages(bag).items() if _read(REPOSITORY / path) != text]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is behind")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("AIRFLOW_HOME", home)
        bag = _dag_bag()
    if given.check:
        late = behind(bag)
        sys.stdout.writelines(f"{path} is behind: run `make docs`\n" for path in late)
        return 1 if late else 0
    for path, text in pages(bag).items():
        (REPOSITORY / path).parent.mkdir(parents=True, exist_ok=True)
        (REPOSITORY / path).write_text(text, encoding="utf-8")
    return 0


def _dag_bag() -> DagBag:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=REPOSITORY / "dags", safe_mode=False)


if __name__ == "__main__":
    sys.exit(main())
