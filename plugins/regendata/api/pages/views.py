"""The pages in the order of the navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regendata.api.pages.mounted import URL_PREFIX

CATEGORY = "Warehouse"


@dataclass(frozen=True)
class View:
    """One page.

    :param slug: its path below the mount, and the end of its address in Airflow's UI.
    """

    slug: str
    title: str


VIEWS = (
    View("status", "Status"),
    View("receipts", "Receipts"),
    View("lineage", "Lineage"),
    View("coverage", "Coverage"),
    View("explain", "Explain"),
)


def external_views() -> list[dict[str, Any]]:
    """The pages as Airflow's plugin registers them."""
    return [
        {
            "name": view.title,
            # Without a leading slash it is right below any base URL.
            "href": f"{URL_PREFIX.lstrip('/')}/{view.slug}",
            "destination": "nav",
            "category": CATEGORY,
            "url_route": f"regendata-{view.slug}",
        }
        for view in VIEWS
    ]
