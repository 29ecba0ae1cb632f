"""``.env.example``, written from what reads it: settings.py, connections.yaml and docker-compose.yaml.

``python -m infra.env_example`` writes the file; a test holds that it is up to date.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from regendata.settings import PREFIX, Settings

REPOSITORY = Path(__file__).resolve().parent.parent
CONNECTIONS = Path(__file__).with_name("connections.yaml")
TARGET = REPOSITORY / ".env.example"
#: Variables of docker-compose.yaml itself, as ``${NAME:-default}`` there, and what they mean.
DEPLOYMENT = {
    "COMPOSE_PROFILES": "What runs beside the usual: celery (workers), dev (S3 on this machine).",
    "IMAGE": "Image of Airflow's services, as built or pulled; a release is a tag.",
    "EXECUTOR": "regendata.executor.PreloadingLocalExecutor, or CeleryExecutor with the profile celery.",
    "PARALLELISM": "Tasks at a time, over all DAGs.",
    "AIRFLOW_URL": "Where people reach Airflow.",
    "METABASE_URL": "Where people reach Metabase.",
    "AIRFLOW_DOMAIN": "Names that nginx answers to, each with a certificate of its own.",
    "METABASE_DOMAIN": "",
    "PUBLIC_API_DOMAIN": "",
    "CERTIFICATES": "certbot's folder, and where it puts its challenges.",
    "ACME_WEBROOT": "",
    "POSTGRES_PUBLISH": "Address that PostgreSQL listens at; for readers elsewhere see docs/deployment.md.",
    "SECRETS_BACKEND": "Class and arguments (JSON) of a secrets backend, such as Vault: docs/security.md.",
    "SECRETS_BACKEND_KWARGS": "",
}
_DEFAULT = re.compile(r"\$\{(\w+):-([^}]*)\}")
_FIELD = re.compile(r"    (\w+): \w+ =")
_WIDTH = 110


def compose_variables(text: str) -> dict[str, str]:
    """Name and default of every variable that the compose file takes from its environment."""
    return dict(_DEFAULT.findall(text))


def connections() -> dict[str, dict[str, Any]]:
    """What connections.yaml says, by connection id."""
    return dict(yaml.safe_load(CONNECTIONS.read_text(encoding="utf-8")))


def setting_lines() -> Iterator[str]:
    """Each setting with its default, below the comment it has in the code."""
    defaults = vars(Settings())
    for line in inspect.getsource(Settings).splitlines():
        if line.strip().startswith("#:"):
            yield f"# {line.strip()[2:].strip()}"
        elif found := _FIELD.match(line):
            yield f"#{PREFIX}{found[1].upper()}={defaults[found[1]]}"


def deployment_lines() -> Iterator[str]:
    """Variables of the compose file, with its defaults."""
    given = compose_variables((REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8"))
    for name, meaning in DEPLOYMENT.items():
        if meaning:
            yield f"# {meaning}"
        yield f"#{name}={given.get(name, '')}"


def connection_lines() -> Iterator[str]:
    """A line per connection, in the form of the file secrets/connections.env."""
    for name, one in connections().items():
        value = one["value"]
        yield f"# {one['why']}"
        yield f"#AIRFLOW_CONN_{name.upper()}='{value if isinstance(value, str) else json.dumps(value)}'"


def everything() -> str:
    """The file's text."""
    parts = [
        ("Copy this file to .env and take the # away before what is to differ from its default.", ()),
        ("Deployment: read by docker-compose.yaml.", deployment_lines()),
        ("Settings: read by tasks and by the public API.", setting_lines()),
        (
            "Connections hold secrets. They do not belong in .env: infra/secrets.sh copies these lines to "
            "secrets/connections.env, where they are filled in.",
            connection_lines(),
        ),
    ]
    return "\n".join("\n".join([*_title(title), *lines, ""]) for title, lines in parts)


def _title(text: str) -> list[str]:
    return [f"## {line}" for line in textwrap.wrap(text, _WIDTH)]


if __name__ == "__main__":
    TARGET.write_text(everything(), encoding="utf-8")
