"""Who may see the pages, and what browsers may do with them.

Airflow guards its own routes only: an application of a plugin is mounted beside them and has to ask itself.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import get_user, requires_access_view
from fastapi import Depends

#: Whoever may see Airflow's website. The application asks it for every route.
SIGNED_IN = Depends(requires_access_view(AccessView.WEBSITE))

User = Annotated[BaseUser, Depends(get_user)]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
