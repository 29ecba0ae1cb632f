"""The same answers from AWS Lambda, and a zip that holds all it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.aws_lambda.package import build, files_of
from regendata.api.aws_lambda import respond
from tests.unit.api.test_app import ORIGIN, Shelf, _manifest

KEY = {"key": "processed/latest_deals*"}


def _event(version: int, method: str = "GET", parameters: dict[str, str] | None = None) -> dict[str, Any]:
    """An event as API Gateway sends it: HTTP API (2) or REST API (1)."""
    called = {"requestContext": {"http": {"method": method}}} if version == 2 else {"httpMethod": method}
    return {
        **called,
        "headers": {"Origin" if version == 1 else "origin": ORIGIN},
        "queryStringParameters": parameters,
    }


def _respond(event: dict[str, Any], shelf: Shelf | None = None) -> dict[str, Any]:
    return respond(event, shelf or Shelf(_manifest("20261122")), [ORIGIN])


@pytest.mark.parametrize("version", [1, 2])
def test_both_formats_of_api_gateway(version: int) -> None:
    found = _respond(_event(version, parameters=KEY))
    assert found["statusCode"] == 200
    assert json.loads(found["body"])["url"] == "https://s3.example/processed/latest_deals_20261122.csv"
    assert found["headers"]["Access-Control-Allow-Origin"] == ORIGIN
    assert _respond(_event(version))["statusCode"] == 400
    preflight = _respond(_event(version, "OPTIONS"))
    assert (preflight["statusCode"], preflight["body"]) == (200, "")


def test_a_bucket_out_of_reach() -> None:
    found = _respond(_event(2, parameters=KEY), Shelf(None, broken=True))
    assert (found["statusCode"], json.loads(found["body"])) == (
        503, {"error": "The data cannot be read at the moment"},
    )  # fmt: skip


def test_the_zip_is_whole_and_the_same_every_time(tmp_path: Path) -> None:
    """Imported from the zip alone, in an interpreter without this repository and without Airflow."""
    assert build(tmp_path / "one.zip") == build(tmp_path / "two.zip")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'one.zip')!r})\n"
        "from regendata.api.aws_lambda import respond\n"
        "import regendata.hooks.cdr_bucket\n"
        "print(respond({}, None, [])['statusCode'], 'airflow' in sys.modules, 'psycopg' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["400", "False", "False"]


def test_what_a_module_needs_is_found_by_its_imports() -> None:
    names = {path.name for path in files_of("regendata.api.aws_lambda")}
    assert {"aws_lambda.py", "presign.py", "manifest.py", "files.py", "cdr_bucket.py", "__init__.py"} <= names
    assert "settings.py" not in names
