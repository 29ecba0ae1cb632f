"""Google Sheets API v4 as the provider's hook calls it: a spreadsheet's tabs and locale, values of a range.

A spreadsheet exists when `sheets_<id>.json` does: {"title", "locale", "tabs": {title: [[cell, ...], ...]}}.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.upstreams.service import Service, Site, is_empty
from sandbox.upstreams.sheet_faults import FAULTS, Grid, cut, ragged, split_range

NAME = "sheets"
RENAMED = "Copy of "
ROWS = {"DIMENSION_UNSPECIFIED", "ROWS"}
STATUSES = {
    400: ("INVALID_ARGUMENT", "Invalid request"),
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    429: (
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'",
    ),
    500: ("INTERNAL", "Internal error encountered."),
    503: ("UNAVAILABLE", "The service is currently unavailable."),
}


class BadRange(Exception):
    """A range names no tab or no cells."""


@dataclass(frozen=True)
class Sheets:
    """The endpoints."""

    site: Site

    def routes(self) -> list[Route]:
        base = "/v4/spreadsheets/{id}"
        return [
            Route(base, self.metadata),
            Route(f"{base}/values:batchGet", self.batch),
            Route(f"{base}/values/{{range:path}}", self.values),
        ]

    async def metadata(self, request: Request) -> Response:
        path = self._path(request)
        if not path.exists():
            return error(404)
        book = self._book(path)
        properties = {"title": book["title"], "locale": book["locale"], "timeZone": "Etc/UTC"}
        tabs = [
            _tab_properties(index, title, grid) for index, (title, grid) in enumerate(book["tabs"].items())
        ]
        return JSONResponse({"spreadsheetId": path.stem, "properties": properties, "sheets": tabs})

    async def values(self, request: Request) -> Response:
        return self._answer(request, [request.path_params["range"]], lambda found: found[0])

    async def batch(self, request: Request) -> Response:
        wanted = request.query_params.getlist("ranges")
        body = {"spreadsheetId": request.path_params["id"]}
        return self._answer(request, wanted, lambda found: {**body, "valueRanges": found})

    def _answer(self, request: Request, ranges: list[str], form: Any) -> Response:
        path = self._path(request)
        if not path.exists():
            return error(404)
        if request.query_params.get("majorDimension", "ROWS") not in ROWS:
            return error(400, "the stand-in answers rows only")
        tabs = self._book(path)["tabs"]
        try:
            return JSONResponse(form([_value_range(tabs, text, is_empty(request)) for text in ranges]))
        except BadRange as wrong:
            return error(400, f"Unable to parse range: {wrong}")

    def _path(self, request: Request) -> Path:
        name = Path(request.path_params["id"]).name
        return self.site.folder / f"sheets_{name}.json"

    def _book(self, path: Path) -> dict[str, Any]:
        """The spreadsheet as trouble left it."""
        book: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        fault, only = self._setting("fault"), self._setting("tab")
        hurt = {title for title in book["tabs"] if only in (None, title)} if fault else set()
        book["tabs"] = dict(_hurt(title, grid, fault, title in hurt) for title, grid in book["tabs"].items())
        return book | ({"locale": self._setting("locale")} if self._setting("locale") else {})

    def _setting(self, name: str) -> Any:
        return self.site.board.setting(NAME, name)


def _hurt(title: str, grid: Grid, fault: str, is_hurt: bool) -> tuple[str, Grid]:
    if not is_hurt:
        return title, grid
    if fault == "rename_tab":
        return RENAMED + title, grid
    return title, FAULTS[fault](grid)


def _tab_properties(index: int, title: str, grid: Grid) -> dict[str, Any]:
    size = {"rowCount": max(1000, len(grid)), "columnCount": max(26, *map(len, grid or [[]]), 0)}
    properties = {"sheetId": index, "title": title, "index": index, "sheetType": "GRID"}
    return {"properties": properties | {"gridProperties": size}}


def _value_range(tabs: dict[str, Grid], text: str, empty: bool) -> dict[str, Any]:
    """A range's values; the key is absent where there are none."""
    try:
        title, cells = split_range(text)
        found = ragged(cut(tabs[title], cells))
    except (ValueError, KeyError) as wrong:
        raise BadRange(text) from wrong
    quoted = "'" + title.replace("'", "''") + "'"
    body = {"range": f"{quoted}!{cells or 'A1:Z1000'}", "majorDimension": "ROWS"}
    return body | ({"values": found} if found and not empty else {})


def error(status: int, message: str | None = None) -> Response:
    name, usual = STATUSES.get(status, STATUSES[500])
    return JSONResponse({"error": {"code": status, "message": message or usual, "status": name}}, status)


# fault: one of sheet_faults.FAULTS or rename_tab; tab: only there; locale: in place of the spreadsheet's own.
SETTINGS = {"fault": None, "tab": None, "locale": None}
SERVICE = Service(NAME, lambda site: Sheets(site).routes(), error, SETTINGS)
