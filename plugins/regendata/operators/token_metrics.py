"""Tasks of token metrics: copy counts, compute metrics, land prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from regendata.operators.landing import LandOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from regendata.landing.token_metrics import CopyRequest

#: DAG parameters: a range to copy and compute again in one run, as ISO 8601 in UTC.
REBUILD_FROM, REBUILD_UNTIL = "rebuild_from", "rebuild_until"


class PrepareTokenMetricsOperator(LandOperator):
    """Brings tables, views, rules and incidents up to their files; returns rows of facts that changed."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import token_metrics

        return token_metrics.prepare(self.prepared_project(), context["run_id"], settings.load())


class CopyTweetCountsOperator(BaseOperator):
    """Lands the hours whose rows changed at the source; returns how many hours and rows came."""

    ui_color = "#e6f1f2"

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import token_metrics

        done = token_metrics.copy(_request(context), context["run_id"], settings.load())
        if done["from_the_future"]:
            self.log.warning("%s rows say they are from the future; they wait", done["from_the_future"])
        if done["unequal_hours"]:
            self.log.warning("%s hours hold an id twice, see source_hours", done["unequal_hours"])
        return done


class ComputeTokenMetricsOperator(BaseOperator):
    """Computes the metrics that changed counts reach; returns symbols and rows."""

    ui_color = "#f3ecd8"

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import token_metrics

        return token_metrics.compute_metrics(context["run_id"], settings.load())


class LandPricesOperator(BaseOperator):
    """Lands CoinMarketCap's prices; returns assets, and those whose price is another one."""

    ui_color = "#e6f1f2"

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import token_prices

        return token_prices.land_prices(context["run_id"], settings.load())


def _request(context: Context) -> CopyRequest:
    """A backfill takes the hours of its interval again, parameters those of a range; else what is new."""
    from datetime import datetime, timezone

    from regendata.landing.token_metrics import CopyRequest

    now, params = datetime.now(timezone.utc), context["params"]
    if params.get(REBUILD_FROM):
        return CopyRequest(now, _moment(params[REBUILD_FROM]), _moment(params.get(REBUILD_UNTIL)), force=True)
    begin, end = context.get("data_interval_start"), context.get("data_interval_end")
    if begin and end and context["dag_run"].run_type == "backfill":
        return CopyRequest(now, _hour(begin), _hour(end), force=True)
    return CopyRequest(now, everything=end is not None and end.hour == 0)


def _hour(moment: Any) -> Any:
    return moment.replace(minute=0, second=0, microsecond=0)


def _moment(text: str | None) -> Any:
    from datetime import datetime, timezone

    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
