"""The Airflow plugin: pages of the warehouse in Airflow's navigation. It holds no logic."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from regendata.api.pages.mounted import URL_PREFIX, PagesOnDemand
from regendata.api.pages.views import external_views


class RegendataPlugin(AirflowPlugin):
    """Status, refresh receipts, lineage, coverage and explanations, behind Airflow's own login."""

    name = "regendata"
    fastapi_apps = [{"app": PagesOnDemand(), "url_prefix": URL_PREFIX, "name": "Regendata pages"}]
    external_views = external_views()
