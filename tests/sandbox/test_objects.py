"""S3: the bucket, uploads that happen once, and a server that forgot everything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sandbox import objects, processes
from sandbox.layout import BUCKET
from sandbox.temporary import temporary_sandbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, one below another folder, written well before the upload."""
    (tmp_path / "alpha").mkdir()
    for path in (tmp_path / "ens_names.csv", tmp_path / "alpha" / "AlphaMatching.csv"):
        path.write_text("address,name\n")
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return tmp_path


def test_files_keep_their_paths_below_the_prefix(spaces: Any, folder: Path) -> None:
    assert spaces.upload(folder) == ["static/alpha/AlphaMatching.csv", "static/ens_names.csv"]
    held = spaces.client().get_object(Bucket=BUCKET, Key="static/ens_names.csv")
    assert held["Body"].read() == b"address,name\n"


def test_second_upload_has_nothing_to_do(spaces: Any, folder: Path) -> None:
    spaces.upload(folder)
    assert spaces.upload(folder) == []


@pytest.mark.parametrize("content", ["address,name\n0x1,a\n", "ADDRESS,NAME\n"])
def test_changed_file_is_uploaded_again(spaces: Any, folder: Path, content: str) -> None:
    spaces.upload(folder)
    (folder / "ens_names.csv").write_text(content)
    assert spaces.upload(folder) == ["static/ens_names.csv"]


def test_killed_server_starts_again_and_gets_the_archives_back() -> None:
    with temporary_sandbox() as sandbox:
        objects.start(sandbox)
        (sandbox.archives / "ens_names.csv").write_text("address,name\n")
        assert objects.upload_archives(sandbox) == ["static/ens_names.csv"]
        server = processes.find(sandbox, objects.NAME)
        assert server is not None
        server.kill()
        server.wait(5)
        objects.start(sandbox)
        assert objects.upload_archives(sandbox) == ["static/ens_names.csv"]
