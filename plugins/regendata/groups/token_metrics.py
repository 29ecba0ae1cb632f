"""Tweet counts from the source to metrics, with prices beside them."""

from __future__ import annotations

from airflow.sdk import BaseOperator, TaskGroup

from regendata.operators.token_metrics import (
    ComputeTokenMetricsOperator,
    CopyTweetCountsOperator,
    LandPricesOperator,
    PrepareTokenMetricsOperator,
)


def tweet_metrics(system: str, after: BaseOperator) -> TaskGroup:
    """Prepare, copy, compute. Prices are landed beside it and hold up nothing: their age is published.

    :param after: task that goes before all of it.
    """
    prepare = PrepareTokenMetricsOperator(task_id="prepare", system=system)
    prices = LandPricesOperator(task_id="land_prices")
    with TaskGroup("tweets", tooltip="Hours that changed, and the metrics they reach") as group:
        copy = CopyTweetCountsOperator(task_id="copy_counts")
        copy >> ComputeTokenMetricsOperator(task_id="compute_metrics")
    after >> prepare >> [prices, copy]
    return group
