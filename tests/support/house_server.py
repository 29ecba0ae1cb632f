"""Airflow's own API server with our plugin, on a new metadata database.

The environment says where everything is; see `tests.support.house`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn
from airflow import models, settings
from airflow.api_fastapi.app import create_app
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.base import Base
from airflow.models.dagbundle import DagBundleModel
from airflow.utils.db import synchronize_log_template
from airflow.utils.session import create_session


def fill(dags: list[Path]) -> None:
    """Tables of this Airflow without its migrations, and some DAGs of ours."""
    models.import_all_models()
    Base.metadata.create_all(settings.get_engine())
    synchronize_log_template()
    with create_session() as session:
        session.add(DagBundleModel(name="house"))
    for path in dags:
        bag = DagBag(dag_folder=path, safe_mode=False, bundle_name="house", bundle_path=path.parent)
        sync_bag_to_db(bag, "house", None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dags", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    fill(given.dags)
    uvicorn.run(create_app(apps="core"), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
