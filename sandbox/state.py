"""The sandbox's memory: ports, passwords and process ids in one JSON file that only its owner can read."""

from __future__ import annotations

import fcntl
import json
import os
import random
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.exceptions import NoFreePort

# Below Linux's and macOS's ephemeral ranges: no outgoing connection can take a port between two starts.
PORTS = range(20_000, 32_000)
ATTEMPTS = 200


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it, at no moment anybody else."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    temporary.replace(path)


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(taken: set[int]) -> int:
    """A free port of the range that is not among the `taken` ones."""
    for port in random.sample(PORTS, ATTEMPTS):
        if port not in taken and is_free(port):
            return port
    raise NoFreePort(f"none of {ATTEMPTS} ports between {PORTS.start} and {PORTS.stop} is free")


@dataclass(frozen=True)
class State:
    """Sections `ports`, `secrets` and `processes` of one JSON file, safe against concurrent commands."""

    path: Path

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def read(self, section: str) -> dict[str, Any]:
        """One section as it is now; empty before the first write."""
        return dict(self._load().get(section, {}))

    @contextmanager
    def edit(self, section: str) -> Iterator[dict[str, Any]]:
        """The section under an exclusive lock; what the block leaves in it is saved."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            everything = self._load()
            content = everything.setdefault(section, {})
            before = json.dumps(content)
            yield content
            if not self.exists or json.dumps(content) != before:
                write_private(self.path, json.dumps(everything, indent=1))

    def create(self) -> None:
        """Write the file if there is none: it is what marks a folder as a sandbox."""
        with self.edit("ports"):
            return

    def port(self, name: str) -> int:
        """The port remembered for a server, chosen at first use."""
        with self.edit("ports") as ports:
            if name not in ports:
                ports[name] = choose_port(set(ports.values()))
            return int(ports[name])

    def fresh_port(self, name: str) -> int:
        """As `port`, for a server about to start: chosen again if somebody took it meanwhile."""
        with self.edit("ports") as ports:
            if name not in ports or not is_free(ports[name]):
                ports[name] = choose_port(set(ports.values()))
            return int(ports[name])

    def secret(self, name: str) -> str:
        """A random password of letters, digits, - and _, made at first use."""
        with self.edit("secrets") as known:
            return str(known.setdefault(name, secrets.token_urlsafe(24)))

    def _load(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text())) if self.exists else {}
