"""What the Dockerfile puts into the image is enough to work, and .dockerignore lets nothing more through."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from regendata import paths

DOCKERFILE = (paths.REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
_COPY = re.compile(r"^COPY (?!--from)(\S+) (\S+)$", re.MULTILINE)
_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+?)(?: ; ([^\\]+))?\s*\\?$", re.MULTILINE)


def _allowed(path: str) -> bool:
    """Whether the build gets a path, by the rules of .dockerignore from first to last."""
    sent = False
    for rule in (paths.REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split("\n"):
        if rule and not rule.startswith("#"):
            pattern = rule.removeprefix("!")
            if (
                pattern == "*"
                or path == pattern
                or (pattern.endswith("/*") and path.startswith(pattern[:-1]))
            ):
                sent = rule.startswith("!")
    return sent


def _environment(home: Path, root: Path) -> dict[str, str]:
    """ENV of the last stage, with the image's folders at `root`."""
    block = DOCKERFILE.split("ENV PATH=", 1)[1].split("USER", 1)[0]
    given = dict(re.findall(r"([A-Z_]+)=(/opt/[\w/]+|\w+)", block))
    given = {name: value.replace("/opt/regendata", str(root)) for name, value in given.items()}
    given = {name: value.replace("/opt/airflow", str(home)) for name, value in given.items()}
    return {**given, "PATH": "/usr/bin:/bin", "HOME": str(home)}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/opt/regendata of the image, made of its COPY lines."""
    root = tmp_path_factory.mktemp("image")
    for source, target in _COPY.findall(DOCKERFILE):
        if target.startswith("/opt/regendata/"):
            assert _allowed(source), f".dockerignore keeps {source} from the build"
            shutil.copytree(
                paths.REPOSITORY / source,
                root / Path(target).relative_to("/opt/regendata"),
                ignore=shutil.ignore_patterns("__pycache__"),
            )
    return root


def test_the_image_loads_every_dag_and_makes_the_api(tree: Path, tmp_path: Path) -> None:
    # As the compose file gives them when no backend is named.
    empty = {"AIRFLOW__SECRETS__BACKEND": "", "AIRFLOW__SECRETS__BACKEND_KWARGS": ""}
    environment = {**_environment(tmp_path, tree), **empty}
    assert environment["PYTHONPATH"] == str(tree / "plugins")
    command = [sys.executable, str(tree / "bin" / "smoke.py"), "--without-programs"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tree)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "smoke: all well"), done.stderr


@pytest.mark.parametrize("path", ["secrets", ".env", ".git", "sandbox", "tests", "infra/terraform", ".venv"])
def test_nothing_else_goes_to_the_build(path: str) -> None:
    assert not _allowed(path)


def test_it_runs_as_nobody_special_from_locked_packages() -> None:
    last = DOCKERFILE.split(" AS image", 1)[1]
    assert re.search(r"^USER 50000$", last, re.MULTILINE)
    assert "--require-hashes --compile-bytecode" in DOCKERFILE
    assert "--uid 50000" in last


def _pins(name: str) -> set[tuple[str, ...]]:
    text = (paths.REPOSITORY / name).read_text(encoding="utf-8")
    return {(package, version) for package, version, _ in _PIN.findall(text)}


def test_tools_and_stand_ins_are_those_of_the_tests() -> None:
    compose = (paths.REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8")
    uv = (paths.REPOSITORY / "tools" / "requirements-uv.txt").read_text(encoding="utf-8")
    assert f"uv:{re.search(r'^uv==([0-9.]+)', uv)[1]} AS uv" in DOCKERFILE  # type: ignore[index]
    assert f"motoserver/moto:{dict(_pins('requirements-dev.txt'))['moto']}\n" in compose
    assert f"ARG POSTGRES_MAJOR={re.search(r'image: postgres:([0-9]+)', compose)[1]}\n" in DOCKERFILE  # type: ignore[index]


def test_the_image_has_the_versions_that_were_tested() -> None:
    base, server, dev = (_pins(f"requirements{part}.txt") for part in ("", "-server", "-dev"))
    assert len(base) > 200
    assert base <= server
    shared = {package for package, _ in server} & {package for package, _ in dev}
    assert {pin for pin in server if pin[0] in shared and pin[0] in dict(base)} == base & dev
    extra = dict(server - base)
    assert {"apache-airflow-providers-fab", "apache-airflow-providers-celery"} <= set(extra)
    # From 5.7 on celery lacks what the provider imports.
    assert tuple(map(int, extra["celery"].split(".")[:2])) < (5, 7)
