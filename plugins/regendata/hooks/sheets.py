"""Google Sheets: tabs, locale and cells of a spreadsheet, through the Google provider's hook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from regendata.exceptions import BadSourceAnswer, SettingsError, SourceUnavailable
from regendata.sources.sheets import CONN_ID

if TYPE_CHECKING:
    from airflow.providers.google.suite.hooks.sheets import GSheetsHook

_FIELDS = "properties(title,locale),sheets.properties.title"
_HINTS = {
    403: "share the spreadsheet with the service account",
    404: "no spreadsheet has this id",
    429: "the quota of reads per minute is used up",
}


@dataclass(frozen=True)
class Workbook:
    """What is known of a spreadsheet before its cells are read."""

    spreadsheet_id: str
    title: str
    locale: str
    tabs: tuple[str, ...]


class SheetsHook:
    """Reads spreadsheets; the connection is one of Google Cloud.

    Extras of ours: ``spreadsheets`` (name of a workbook -> spreadsheet id) and ``api_endpoint``.
    """

    def __init__(self, conn_id: str = CONN_ID) -> None:
        self.conn_id = conn_id

    def workbook(self, name: str) -> Workbook:
        """Title, locale and tabs of a spreadsheet.

        :raises SettingsError: the connection names no spreadsheet for this workbook.
        :raises SourceUnavailable: naming workbook and HTTP status.
        """
        spreadsheet_id = self._spreadsheet_id(name)
        with self._named_errors(f"workbook {name}"):
            request = self._google.get_conn().spreadsheets().get(spreadsheetId=spreadsheet_id, fields=_FIELDS)
            found = request.execute(num_retries=self._google.num_retries)
            tabs = tuple(sheet["properties"]["title"] for sheet in found.get("sheets", []))
            properties = found["properties"]
            return Workbook(spreadsheet_id, properties["title"], properties.get("locale", "en_US"), tabs)

    def values(self, workbook: Workbook, tab: str) -> list[list[object]]:
        """Cells of a tab as people see them; rows are ragged.

        :raises SourceUnavailable: naming tab and HTTP status.
        """
        quoted = "'" + tab.replace("'", "''") + "'"
        with self._named_errors(f"sheet {tab} of {workbook.title}"):
            found: list[list[object]] = self._google.get_values(workbook.spreadsheet_id, quoted)
            return found

    def _spreadsheet_id(self, name: str) -> str:
        extra = BaseHook.get_connection(self.conn_id).extra_dejson
        ids = extra.get("spreadsheets") or {}
        if name not in ids:
            raise SettingsError(
                f"connection {self.conn_id}: its extra `spreadsheets` names no id for the workbook {name}"
            )
        return str(ids[name])

    @cached_property
    def _google(self) -> GSheetsHook:
        from airflow.providers.google.suite.hooks.sheets import GSheetsHook

        endpoint = BaseHook.get_connection(self.conn_id).extra_dejson.get("api_endpoint")
        return GSheetsHook(gcp_conn_id=self.conn_id, api_endpoint=endpoint)

    @contextmanager
    def _named_errors(self, what: str) -> Iterator[None]:
        from google.auth.exceptions import GoogleAuthError
        from googleapiclient.errors import Error, HttpError
        from httplib2 import HttpLib2Error

        try:
            yield
        except HttpError as error:
            status = int(error.resp.status)
            hint = f" ({_HINTS[status]})" if status in _HINTS else ""
            raise SourceUnavailable(f"Google Sheets, {what}: HTTP {status} {error.reason}{hint}") from error
        except (AttributeError, KeyError, TypeError, ValueError, Error) as error:
            raise BadSourceAnswer(
                f"Google Sheets, {what}: the answer is no spreadsheet: {type(error).__name__} {error}"
            ) from error
        except (GoogleAuthError, HttpLib2Error, OSError) as error:
            raise SourceUnavailable(f"Google Sheets, {what}: {type(error).__name__} {error}") from error
