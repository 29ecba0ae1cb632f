"""Where everything of one sandbox lives, and how its servers are addressed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sandbox.exceptions import ForeignFolder
from sandbox.state import State

REPOSITORY = Path(__file__).resolve().parent.parent
ROOT_VARIABLE = "REGENDATA_SANDBOX"
HOST = "127.0.0.1"
SUPERUSER = "postgres"
BUCKET = "regendata"
BACKUP_BUCKET = "regendata-backups"
CDR_BUCKETS = {"test": "cdr-market-test", "prod": "cdr-market-prod"}
DEFAULT_SCALE = 5_000
SPREADSHEET_ID = "grants-facts-kept-by-hand"


@dataclass(frozen=True)
class Sandbox:
    """Paths, ports, passwords and addresses of one sandbox; starts nothing by itself."""

    root: Path

    @classmethod
    def default(cls) -> Sandbox:
        """The folder named by REGENDATA_SANDBOX, else `.sandbox` in the repository."""
        return cls(Path(os.environ.get(ROOT_VARIABLE) or REPOSITORY / ".sandbox").resolve())

    @property
    def pgdata(self) -> Path:
        return self.root / "postgres"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def env_file(self) -> Path:
        return self.root / "env"

    @property
    def airflow_home(self) -> Path:
        return self.root / "airflow"

    @property
    def archives(self) -> Path:
        """Static archives as the bucket's prefix `static/` holds them."""
        return self.root / "archives"

    @property
    def passport(self) -> Path:
        """Passport's files as the bucket's prefix `passport/` holds them."""
        return self.root / "passport"

    @property
    def cdr_inputs(self) -> Path:
        """Files of an operator, as `inputs/` of the test bucket of the carbon removal market holds them."""
        return self.root / "cdr_inputs"

    @property
    def upstreams(self) -> Path:
        """Files the stand-ins serve."""
        return self.root / "upstreams"

    @property
    def state(self) -> State:
        return State(self.root / "state.json")

    def port(self, name: str) -> int:
        return self.state.port(name)

    def secret(self, name: str) -> str:
        return self.state.secret(name)

    def url(self, name: str, path: str = "") -> str:
        """Base URL of an HTTP server of the sandbox, without a trailing slash."""
        return f"http://{HOST}:{self.port(name)}{path}"

    def dsn(self, database: str, role: str = SUPERUSER) -> str:
        """postgresql:// URL of a database, as one of its roles (the superuser unless said)."""
        password = self.secret(f"postgres_{role}")
        return f"postgresql://{role}:{password}@{HOST}:{self.port('postgres')}/{quote(database)}"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Two commands that start things wait for each other."""
        self.make_folders()
        with open(self.root / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make_folders(self) -> None:
        """All folders but the database's, which `initdb` makes.

        :raises ForeignFolder: the root holds files of somebody else, which `clean` would remove one day.
        """
        if self.root.is_dir() and any(self.root.iterdir()) and not self.state.exists:
            raise ForeignFolder(f"{self.root} is not empty and no sandbox: name another {ROOT_VARIABLE}")
        self.state.create()
        for folder in (
            self.logs,
            self.archives,
            self.passport,
            self.cdr_inputs,
            self.upstreams,
            self.airflow_home,
        ):
            folder.mkdir(exist_ok=True)
