"""`.sandbox/env`: connections and Airflow settings, for `set -a; . .sandbox/env`."""

from __future__ import annotations

import base64
import json
import shlex
from typing import Any

from sandbox import objects
from sandbox.bootstrap import (
    ANALYST,
    API_READER,
    FORM,
    METADATA,
    OWNER,
    SOURCES,
    TWEETS,
    TWEETS_READER,
    WAREHOUSE,
)
from sandbox.layout import BUCKET, HOST, REPOSITORY, ROOT_VARIABLE, SPREADSHEET_ID, Sandbox
from sandbox.state import write_private
from sandbox.upstreams import server

AIRFLOW_USER = "admin"
API_PORT = "airflow_api"
PUBLIC_API = "public_api"
AIRFLOW_PORTS = (API_PORT, "airflow_worker_logs", "airflow_trigger_logs")
HEADER = "# Addresses and passwords of this sandbox; written anew by each start. Use: set -a; . {path}\n"


def write(sandbox: Sandbox) -> dict[str, str]:
    """Write the file and Airflow's password file, readable by their owner only; returns the variables."""
    variables = everything(sandbox)
    lines = [f"{name}={_quoted(value)}\n" for name, value in variables.items()]
    sandbox.make_folders()
    write_private(sandbox.env_file, HEADER.format(path=sandbox.env_file) + "".join(lines))
    write_private(
        sandbox.airflow_home / "passwords.json", json.dumps({AIRFLOW_USER: airflow_password(sandbox)})
    )
    return variables


def _quoted(value: str) -> str:
    """In single quotes always, so that a person can rely on the form."""
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def everything(sandbox: Sandbox) -> dict[str, str]:
    """All variables by name, in the order of the file."""
    return {
        ROOT_VARIABLE: str(sandbox.root),
        "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}",
        # Empty means off: with bytecode on disk a task starts a second earlier.
        "PYTHONDONTWRITEBYTECODE": "",
        **{f"AIRFLOW_CONN_{name}": value for name, value in connections(sandbox).items()},
        "GRANTS_ANALYST_URL": sandbox.dsn(WAREHOUSE, ANALYST),
        "REGENDATA_UPSTREAMS_URL": sandbox.url(server.NAME),
        "REGENDATA_SPACES_BUCKET": BUCKET,
        # Nobody gets mails from a laptop.
        "REGENDATA_ALERT_CHANNELS": "file",
        "REGENDATA_ALERT_FILE": str(sandbox.root / "alerts.jsonl"),
        # Relays stand side by side on one port, and take more than real ones would.
        "REGENDATA_MEV_RELAYS_URL": sandbox.url(server.NAME, "/relays"),
        "REGENDATA_MEV_REQUESTS_PER_S": "25",
        "REGENDATA_MEV_LOOK_BACK_HOURS": "1",
        "REGENDATA_PUBLIC_API_URL": sandbox.url(PUBLIC_API),
        # What a person promotes is seen in test first.
        "REGENDATA_PUBLIC_API_CDR_ENV": "test",
        **airflow_settings(sandbox),
    }


def connections(sandbox: Sandbox) -> dict[str, str]:
    """Airflow connections by upper-case id: URIs for PostgreSQL, JSON for the rest."""
    return {
        "GRANTS_DB": sandbox.dsn(WAREHOUSE, OWNER),
        f"{ANALYST.upper()}_DB": sandbox.dsn(WAREHOUSE, ANALYST),
        f"{API_READER.upper()}_DB": sandbox.dsn(WAREHOUSE, API_READER),
        f"{FORM.upper()}_DB": sandbox.dsn(WAREHOUSE, FORM),
        **{f"{name.upper()}_DB": sandbox.dsn(name, reader) for name, reader in SOURCES.items()},
        "TOKENS_DB": sandbox.dsn(TWEETS, TWEETS_READER),
        "COINMARKETCAP": _json(
            conn_type="http",
            host=sandbox.url(server.NAME, "/coinmarketcap"),
            password=sandbox.secret("coinmarketcap"),
        ),
        "INDEXER_API": _json(conn_type="http", host=sandbox.url(server.NAME, "/indexer")),
        "DUNE": _json(
            conn_type="http", host=sandbox.url(server.NAME, "/dune"), password=sandbox.secret("dune")
        ),
        "GOOGLE_SHEETS": _json(
            conn_type="google_cloud_platform",
            extra={
                "is_anonymous": True,
                "project": "sandbox",
                "num_retries": 1,
                "api_endpoint": sandbox.url(server.NAME, "/sheets"),
                "spreadsheets": {"grants": SPREADSHEET_ID},
            },
        ),
        "SPACES": _spaces(sandbox),
        "BACKUPS": _spaces(sandbox),
        "CDR_FYI": _json(
            conn_type="http",
            host=sandbox.url(server.NAME, "/cdr_fyi/v1"),
            password=sandbox.secret("cdr_fyi"),
        ),
        "CDR_SITE": _json(conn_type="http", host=sandbox.url(server.NAME, "/cdr_site/")),
        "CDR_MARKET_TEST": _spaces(sandbox),
        "CDR_MARKET_PROD": _spaces(sandbox),
        **_outbound(sandbox),
    }


def _outbound(sandbox: Sandbox) -> dict[str, str]:
    """Where posts, accounts and mails go."""
    return {
        "METABASE": _json(
            conn_type="http",
            host=sandbox.url(server.NAME, "/metabase"),
            password=sandbox.secret("metabase"),
            extra={"database": 2},
        ),
        "POSTMARK": _json(
            conn_type="http",
            host=sandbox.url(server.NAME, "/postmark"),
            login="hello@regendata.example",
            password=sandbox.secret("postmark"),
        ),
        "POSTMARK_WEBHOOK": _json(
            conn_type="http", login="postmark", password=sandbox.secret("postmark_webhook")
        ),
        "X": _json(
            conn_type="http",
            host=sandbox.url(server.NAME, "/x"),
            login=sandbox.secret("x_consumer_key"),
            password=sandbox.secret("x_consumer_secret"),
            extra={
                "access_token": sandbox.secret("x_access_token"),
                "access_token_secret": sandbox.secret("x_access_secret"),
            },
        ),
    }


def _spaces(sandbox: Sandbox) -> str:
    return _json(
        conn_type="aws",
        login=objects.ACCESS_KEY,
        password=sandbox.secret(objects.NAME),
        extra={"endpoint_url": sandbox.url(objects.NAME), "region_name": objects.REGION},
    )


def _json(**connection: Any) -> str:
    return json.dumps(connection)


def airflow_settings(sandbox: Sandbox) -> dict[str, str]:
    """AIRFLOW_HOME and AIRFLOW__SECTION__KEY variables."""
    api = sandbox.url(API_PORT)
    own = {
        "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "regendata.executor.PreloadingLocalExecutor",
        "CORE__PARALLELISM": "8",
        "CORE__FERNET_KEY": _fernet_key(sandbox),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(sandbox.airflow_home / "passwords.json"),
        "CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": sandbox.dsn(METADATA, METADATA).replace("://", "+psycopg2://", 1),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        # A DAG file that changed is parsed at once all the same; by default all of them are every 30 s.
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "API__HOST": HOST,
        "API__PORT": str(sandbox.port(API_PORT)),
        "API__BASE_URL": api,
        "API__SECRET_KEY": sandbox.secret("airflow_secret_key"),
        # At least 64 bytes, as HS512 demands.
        "API_AUTH__JWT_SECRET": sandbox.secret("airflow_jwt_1") + sandbox.secret("airflow_jwt_2"),
        "LOGGING__BASE_LOG_FOLDER": str(sandbox.airflow_home / "logs"),
        "LOGGING__WORKER_LOG_SERVER_PORT": str(sandbox.port("airflow_worker_logs")),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(sandbox.port("airflow_trigger_logs")),
    }
    return {"AIRFLOW_HOME": str(sandbox.airflow_home)} | {
        f"AIRFLOW__{key}": value for key, value in own.items()
    }


def _fernet_key(sandbox: Sandbox) -> str:
    """32 bytes in URL-safe base64, as cryptography's Fernet wants; the secret itself has 32 characters."""
    return base64.urlsafe_b64encode(sandbox.secret("airflow_fernet").encode()).decode()


def airflow_password(sandbox: Sandbox) -> str:
    """Password of the user `admin` in Airflow's web pages."""
    return sandbox.secret("airflow_admin")
