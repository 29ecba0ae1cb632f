"""Going back to an earlier build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from regendata.operators.links import ReceiptLink

if TYPE_CHECKING:
    from airflow.sdk import Asset, AssetAlias, Context

    from regendata.hooks.warehouse.rollback import Rollback

#: Fields of the form.
SYSTEM = "system"
BUILD_ID = "build_id"
WHY = "why"
ASK_NEXT = "ask_before_next_publish"


class RollBackOperator(BaseOperator):
    """Shows an earlier build again, as the form of the run says, and tells whoever waits for new data.

    :param published: asset per system; the event of the rolled back one goes out by ``event``.
    """

    ui_color = "#dbe7f6"
    operator_extra_links = (ReceiptLink(),)

    def __init__(self, *, published: Mapping[str, Asset], event: AssetAlias, **kwargs: Any) -> None:
        super().__init__(outlets=[event], **kwargs)
        self.published = published
        self.event = event

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.rollback import roll_back, rollback_policy

        asked = _asked(context)
        with connect() as conn:
            switched = roll_back(conn, asked, rollback_policy(settings.load()))
        self.log.info("readers see build %s again, after %.2f s", asked.build_id, switched.seconds)
        facts = {**asdict(asked), "attempts": switched.attempts, "seconds": round(switched.seconds, 3)}
        context["outlet_events"][self.event].add(self.published[asked.system], extra=facts)
        return facts


def _asked(context: Context) -> Rollback:
    from regendata.hooks.warehouse.rollback import Rollback

    params, run = context["params"], context["dag_run"]
    return Rollback(
        params[SYSTEM],
        int(params[BUILD_ID]),
        run.triggering_user_name or "unknown",
        params[WHY].strip(),
        params[ASK_NEXT],
        context["run_id"],
    )
