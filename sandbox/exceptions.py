"""What can go wrong in the sandbox; the command line prints these without a traceback."""

from __future__ import annotations


class SandboxError(Exception):
    """Base of every error the sandbox raises on purpose."""


class StateLost(SandboxError):
    """Data exists, but the state file with its passwords does not."""


class ForeignFolder(SandboxError):
    """The folder named for the sandbox holds something else."""


class NoFreePort(SandboxError):
    """No TCP port of the sandbox's range is free."""


class ServerUserError(SandboxError):
    """As root, PostgreSQL needs another system user, who could not be made or cannot reach the files."""


class PostgresError(SandboxError):
    """A PostgreSQL program failed; the message carries its output."""


class ServiceNotReady(SandboxError):
    """A background process ended early or did not answer in time."""


class NoSourceSchema(SandboxError):
    """A source database holds no chain_data_NN schema (of the wanted number)."""


class BadTrouble(SandboxError):
    """The wanted trouble makes no sense: unknown setting, column or type."""
