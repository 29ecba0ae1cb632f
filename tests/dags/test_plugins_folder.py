"""Airflow runs every file of the plugins folder as a module named by its bare stem.

A `types.py` of ours would replace the standard library's. One line in `plugins/.airflowignore` prevents it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from regendata import paths

PLUGINS = paths.REPOSITORY / "plugins"

LOAD = """
import json, sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
print(json.dumps({
    "errors": plugins_manager.get_import_errors(),
    "modules": {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())},
}))
"""


def _loaded(plugins: Path, home: Path) -> dict[str, Any]:
    """What an Airflow process has in `sys.modules` once it has loaded its plugins."""
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(plugins),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _taken(modules: dict[str, str | None], plugins: Path) -> set[str]:
    """Names without a package that stand for files inside our package."""
    return {
        name
        for name, file in modules.items()
        if file and Path(file).is_relative_to(plugins / "regendata") and not name.startswith("regendata")
    }


def test_the_ignore_file_names_the_package() -> None:
    assert (PLUGINS / ".airflowignore").read_text(encoding="utf-8").split() == ["regendata/"]


def test_loading_plugins_takes_no_name_of_ours(tmp_path: Path) -> None:
    found = _loaded(PLUGINS, tmp_path)
    assert found["errors"] == {}
    assert _taken(found["modules"], PLUGINS) == set()
    for name in ("types", "json", "site"):
        assert Path(found["modules"][name]).is_relative_to(sys.base_prefix)


def test_without_the_ignore_file_names_are_taken(tmp_path: Path) -> None:
    """Should Airflow change its loader, this says that the test above guards nothing any more."""
    plugins = tmp_path / "plugins"
    shutil.copytree(
        PLUGINS, plugins, ignore=shutil.ignore_patterns("__pycache__", ".airflowignore", "__main__.py")
    )
    assert {"paths", "settings", "files"} <= _taken(_loaded(plugins, tmp_path / "home")["modules"], plugins)
