"""Tasks after a publish: Metabase learns of new columns, and its cards are compared with the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regendata.operators.build import BuildOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class SyncMetabaseOperator(BuildOperator):
    """Has Metabase look at the columns again when they changed; returns what became of it."""

    ui_color = "#eeeeee"

    def execute(self, context: Context) -> str:
        from regendata.hooks.postgres import connect
        from regendata.outbound.metabase import sync_schema

        with connect() as conn:
            return sync_schema(conn, int(self.build_id))


class CheckMetabaseCardsOperator(BuildOperator):
    """Compares public cards with SQL on the warehouse; returns figure per check."""

    ui_color = "#e7efdc"

    def execute(self, context: Context) -> dict[str, str]:
        from regendata.hooks.postgres import connect
        from regendata.outbound.metabase import check_cards

        with connect() as conn:
            return check_cards(conn, int(self.build_id))
