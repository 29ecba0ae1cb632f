"""Every error the warehouse raises. Messages name the thing and, where there is one, the way out."""

from __future__ import annotations

from pathlib import Path

from regendata.paths import shown


class RegendataError(Exception):
    """Base of all errors of this repository."""


class FinalError(RegendataError):
    """An error that waiting does not mend; tasks do not try again."""


class SettingsError(FinalError):
    """A setting has a value that cannot be used."""


class ModelFileError(FinalError):
    """A model or table file is wrong; the message starts with ``file:line``."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        where = shown(path) if line is None else f"{shown(path)}:{line}"
        super().__init__(f"{where}: {message}")
        self.path = path
        self.line = line


class CycleError(FinalError):
    """Models depend on each other in a circle."""


class BadIntervals(FinalError):
    """Intervals that are none: an end before its begin, or text that is no multirange."""


class SourceUnavailable(RegendataError):
    """An upstream cannot be reached, or answers with something else than data."""


class SourceBusy(SourceUnavailable):
    """An upstream asks to be left alone for a while."""

    def __init__(self, message: str, retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BadSourceAnswer(SourceUnavailable):
    """An upstream answered, but not with what its format promises."""


class MalformedRows(BadSourceAnswer):
    """A relay's answer is not the list of rows that its API promises."""


class TruncatedAnswer(BadSourceAnswer):
    """An answer may lack rows: it is as long as the longest one."""


class RelayTrouble(SourceUnavailable):
    """A relay did not answer a request with data, however often it was asked."""


class SlotsUnknown(SourceUnavailable):
    """Slots were asked for in vain; what was found of others is stored."""


class CoverageIncomplete(FinalError):
    """A run fetched less than it had planned."""


class PlanRejected(FinalError):
    """A person, or the end of the time to answer, decided against a plan."""


class UnknownRelay(FinalError):
    """No relay of this name is in the registry."""


class ChainLost(FinalError):
    """No candidate version of an indexer holds every chain that is published."""


class SourceColumnsChanged(FinalError):
    """A column that models need was removed or retyped upstream."""


class ArchiveChanged(FinalError):
    """A static archive does not match the checksum recorded for it."""


class EmptySource(FinalError):
    """A source that held rows came back empty."""


class ContentRefused(FinalError):
    """A source delivers rows unlike its contract; what was landed before stays in use."""


class StaleSource(RegendataError):
    """A source answers with data older than allowed."""


class CheckFailed(FinalError):
    """A build does not pass its checks; nothing of it is published."""


class BuildRejected(FinalError):
    """A person, or the end of the time to answer, decided against a build."""


class BuildSuperseded(FinalError):
    """A build cannot go out any more: a newer one, a rollback or its own end came first."""


class NoSuchBuild(FinalError):
    """No such build to go back to (unknown, in use already, not kept any more), or a run opened none."""


class RelationGone(RegendataError):
    """A relation that a facade should show was dropped meanwhile."""


class FacadeConflict(FinalError):
    """A published relation changes shape in a way that somebody's own object does not survive."""


class PublishBlocked(RegendataError):
    """Readers held their locks for longer than publishing was allowed to wait."""


class RunIncomplete(FinalError):
    """A run ended without its receipt."""


class PermissionMismatch(FinalError):
    """A role cannot do what the permissions file says it can."""


class PostRefused(FinalError):
    """A post does not go out: its figure cannot be trusted, or somebody decided against it."""


class FormRefused(FinalError):
    """A field of a form cannot be taken as it is; the message never holds what was typed."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class SignUpRefused(FinalError):
    """Metabase or Postmark will never take this sign-up; the message holds no personal data."""


class MailUndeliverable(SignUpRefused):
    """The mail system sends nothing to this address any more, because earlier mails came back."""


class SignUpsStuck(RegendataError):
    """Sign-ups have been waiting for too long; nothing is lost."""


class BackupProgramMissing(FinalError):
    """pg_dump or pg_restore of the server's version, or a newer one, is not installed."""


class BackupFailed(RegendataError):
    """pg_dump or pg_restore ended with an error; its last words are in the message."""


class BackupRefused(FinalError):
    """An object is no backup of ours, is cut short, or was changed; nothing of it is restored."""


class RestoreDiffers(FinalError):
    """A restored backup does not hold what its manifest says."""
