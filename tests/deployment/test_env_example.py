"""`.env.example` says what the code and the compose file read, and nothing else."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from infra import env_example
from regendata.settings import PREFIX, Settings, load
from sandbox import env
from sandbox.layout import Sandbox


def _given(prefix: str) -> dict[str, str]:
    lines = env_example.TARGET.read_text(encoding="utf-8").splitlines()
    return dict(line[1:].split("=", 1) for line in lines if line.startswith(f"#{prefix}"))


def test_the_file_is_up_to_date() -> None:
    assert env_example.TARGET.read_text(encoding="utf-8") == env_example.everything(), (
        "run `python -m infra.env_example`"
    )


def test_every_setting_stands_in_it_with_its_default() -> None:
    given = _given(PREFIX)
    assert {name.removeprefix(PREFIX).lower() for name in given} == {field.name for field in fields(Settings)}
    assert load(given) == Settings()


def test_every_variable_of_the_compose_file_is_explained() -> None:
    compose = (env_example.REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8")
    assert set(env_example.compose_variables(compose)) | {"COMPOSE_PROFILES"} == set(env_example.DEPLOYMENT)


@pytest.fixture(scope="module")
def sandbox_connections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    sandbox.make_folders()
    return env.connections(sandbox)


def test_connections_are_those_of_the_sandbox(sandbox_connections: dict[str, str]) -> None:
    needed = {name.upper() for name, one in env_example.connections().items() if not one.get("optional")}
    assert needed == set(sandbox_connections)


def test_examples_are_of_the_kind_the_sandbox_uses(sandbox_connections: dict[str, str]) -> None:
    given = _given("AIRFLOW_CONN_")
    for name, value in sandbox_connections.items():
        shown = given[f"AIRFLOW_CONN_{name}"]
        assert shown[0] == shown[-1] == "'"
        assert _kind(shown[1:-1]) == _kind(value), name


def _kind(value: str) -> str:
    return str(json.loads(value)["conn_type"]) if value.startswith("{") else value.split("://")[0]
