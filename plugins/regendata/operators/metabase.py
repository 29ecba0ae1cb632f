"""Tasks after a publish: Metabase learns of new columns, and its cards are compared with the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class SyncMetabaseOperator(BaseOperator):
    """Has Metabase look at the columns again when they changed; returns what became of it."""

    ui_color = "#eeeeee"

    def __init__(self, *, system: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system

    def execute(self, context: Context) -> str:
        from regendata.hooks.postgres import connect
        from regendata.outbound.metabase import sync_schema

        with connect() as conn:
            return sync_schema(conn, self.system)


class CheckMetabaseCardsOperator(BaseOperator):
    """Compares public cards with SQL on the warehouse; returns figure per check."""

    ui_color = "#e7efdc"

    def __init__(self, *, system: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system

    def execute(self, context: Context) -> dict[str, str]:
        from regendata.hooks.postgres import connect
        from regendata.outbound.metabase import check_cards

        with connect() as conn:
            return check_cards(conn, self.system)
