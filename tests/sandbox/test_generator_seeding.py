"""Seeding a whole sandbox: once, again, half way, and for another scale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox import bootstrap, postgres
from sandbox.generator import is_seeded, seed, seeding
from sandbox.generator.exceptions import MissingData
from sandbox.layout import Sandbox
from sandbox.temporary import temporary_sandbox

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of its own: seeding replaces what the databases of the shared one hold."""
    with temporary_sandbox() as own:
        postgres.start(own, durable=False)
        bootstrap.bootstrap(own)
        yield own


def donations(sandbox: Sandbox) -> int:
    reader = sandbox.dsn("indexer", "indexer_reader")
    with psycopg.connect(reader) as connection:
        return connection.execute("SELECT count(*) FROM chain_data_87.donations").fetchone()[0]


def test_seeding_fills_everything(sandbox: Sandbox) -> None:
    assert not is_seeded(sandbox, 30)
    seed(sandbox, 30)
    assert is_seeded(sandbox, 30)
    assert not is_seeded(sandbox, 31)
    assert donations(sandbox) == 30
    assert (sandbox.archives / "SHA256SUMS").is_file()
    assert (sandbox.upstreams / "dune_4118421.json").is_file()


def test_seeding_again_touches_nothing(sandbox: Sandbox) -> None:
    seed(sandbox, 30)
    with psycopg.connect(sandbox.dsn("indexer"), autocommit=True) as connection:
        connection.execute("DELETE FROM chain_data_87.donations")
    seed(sandbox, 30)
    assert donations(sandbox) == 0


def test_another_scale_starts_from_nothing(sandbox: Sandbox) -> None:
    seed(sandbox, 30)
    (sandbox.archives / "left_over.csv").write_text("a\n")
    seed(sandbox, 40)
    assert donations(sandbox) == 40
    assert not (sandbox.archives / "left_over.csv").exists()


@pytest.mark.parametrize("step", ["write_files", "write_checksums"])
def test_a_seeding_cut_short_is_done_again(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(seeding, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            seed(sandbox, 50)
    assert not is_seeded(sandbox, 50)
    seed(sandbox, 50)
    assert donations(sandbox) == 50
    seed(sandbox, 40)


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_missing_file_is_named_and_costs_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    seed(sandbox, 40)
    with pytest.raises(MissingData, match=r"applications_beta_2023\.jsonl\.gz is missing"):
        seed(sandbox, 30, tmp_path)
    assert is_seeded(sandbox, 40)
