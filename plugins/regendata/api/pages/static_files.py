"""Style and script of the pages. A mounted folder would be open to everybody; a route asks for the login."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from regendata.api.pages.html import FOLDER

MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

router = APIRouter()


@router.get("/static/{name}")
def static_file(name: str) -> FileResponse:
    """A style or script of the folder, and nothing else of it."""
    known = {path.name: path for path in FOLDER.iterdir() if path.suffix in MEDIA_TYPES}
    if name not in known:
        raise HTTPException(404, "No such file")
    headers = {"Cache-Control": "private, no-cache"}
    return FileResponse(known[name], media_type=MEDIA_TYPES[known[name].suffix], headers=headers)
