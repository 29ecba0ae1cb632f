"""Tasks that judge a build before anybody sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regendata.operators.build import BuildOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class CheckPromisesOperator(BuildOperator):
    """Checks that cross views: keys that refer from one to another, and what each reader was promised.

    Returns the number of checks that did not pass, whatever their severity; one that stops fails the task.
    """

    ui_color = "#e7efdc"

    def execute(self, context: Context) -> int:
        from regendata import paths
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.promises import check_promises
        from regendata.models.contracts import load_contracts
        from regendata.models.project import load_project
        from regendata.models.waivers import load_waivers

        project, contracts = load_project(self.system), load_contracts(paths.CONTRACTS)
        waivers = load_waivers(paths.WAIVERS)
        with connect() as conn:
            results = check_promises(conn, self.build_id(conn, context), project, contracts, waivers)
        verdicts = [result.verdict for found in results.values() for result in found]
        self.log.info("%s checks across views, %s passed", len(verdicts), verdicts.count("passed"))
        return len(verdicts) - verdicts.count("passed")
