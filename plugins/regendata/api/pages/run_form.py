"""A DAG's own form with values filled in; the browser sends it to Airflow, under its user's own rights.

Airflow's trigger form cannot be opened with values; the fields here are made from the same parameters.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from regendata.api.pages.html import page

router = APIRouter()


@router.get("/run/{dag_id}")
def run_form(request: Request, dag_id: str) -> HTMLResponse:
    """The form; every query parameter is the value of the field of its name."""
    return page(request, "run.html", dag_id=dag_id, values=dict(request.query_params))
