"""What goes out to everybody once a system is published."""

from __future__ import annotations

from airflow.sdk import BaseOperator

from regendata.operators.exports import ExportPublicDataOperator


def public_data(system: str, after: BaseOperator) -> ExportPublicDataOperator:
    """Upload what changed of the public data sets, also when this run had nothing to publish.

    What is published stays so whatever becomes of the upload: it fails by its own name, and the next run
    uploads what is missing.
    """
    exported = ExportPublicDataOperator(task_id="export_public_data", system=system)
    after >> exported
    return exported
