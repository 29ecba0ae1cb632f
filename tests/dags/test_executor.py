"""What the scheduler imports for its tasks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import regendata
from regendata.executor import LIBRARIES

PACKAGE = Path(str(regendata.__file__)).parent
PRELOAD = """
import json, logging, sys
from airflow.executors.local_executor import LocalExecutor
from regendata import executor

class Kept(logging.Handler):
    told = []
    def emit(self, record):
        self.told.append(record.getMessage())

executor.log.addHandler(Kept())
LocalExecutor.start = lambda self: print(json.dumps([sorted(sys.modules), Kept.told]))
executor.PreloadingLocalExecutor().start()
"""


def test_everything_tasks_need_is_there_before_workers_are_forked() -> None:
    done = subprocess.run([sys.executable, "-c", PRELOAD], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules, told = json.loads(done.stdout.splitlines()[-1])
    assert told == [], "a module cannot be imported"
    ours = (
        ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
        for folder in ("groups", "hooks", "landing", "models", "operators", "outbound", "publish", "sources")
        for file in (PACKAGE / folder).rglob("*.py")
        if not file.stem.startswith("__")
    )
    assert {*LIBRARIES, *ours} <= set(modules)
    assert "regendata.api.app" not in modules
