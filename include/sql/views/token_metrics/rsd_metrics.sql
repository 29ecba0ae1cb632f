/*
description: >
  Metrics per symbol and hour under the names the job before this one gave them, with whether a row is final
  and how often the count of its hour changed since it was first known.
columns:
  timezone: "Always UTC."
  id: "Symbol and hour, as the job before this one numbered rows."
  date: "Start of the hour (UTC)."
  is_final: "Whether no late rows are waited for any more."
  revisions: "How often the count changed since it was first known."
*/
SELECT
  'UTC'::text AS timezone,
  metric.timestamp,
  metric.symbol,
  metric.count,
  metric.symbol_sma1,
  metric.symbol_sma1_previous,
  metric.symbol_sma7,
  metric.symbol_sma7_previous,
  metric.symbol_sma14,
  metric.sma1_dif,
  metric.sma7_dif,
  metric.sma14_dif,
  metric.sentiment,
  metric.sentiment_sma1,
  metric.sentiment_sma7,
  metric.rsd_1,
  metric.rsd_7,
  metric.rsd_14,
  metric.hours_1,
  metric.hours_1_previous,
  metric.hours_7,
  metric.hours_7_previous,
  metric.hours_14,
  metric.symbol_sma1_compat,
  metric.symbol_sma1_previous_compat,
  metric.symbol_sma7_compat,
  metric.symbol_sma7_previous_compat,
  metric.symbol_sma14_compat,
  metric.sma1_dif_compat,
  metric.sma7_dif_compat,
  metric.sma14_dif_compat,
  metric.sentiment_compat,
  metric.sentiment_sma1_compat,
  metric.sentiment_sma7_compat,
  metric.rsd_1_compat,
  metric.rsd_7_compat,
  metric.rsd_14_compat,
  metric.symbol || '-' || metric.timestamp AS id,
  to_timestamp(metric.timestamp) AT TIME ZONE 'UTC' AS date,
  metric.timestamp <= progress.final_through AS is_final,
  coalesce(tweets.revisions, 0) AS revisions
FROM token_metrics.metric_hours AS metric
CROSS JOIN token_metrics.progress AS progress
LEFT JOIN token_metrics.symbol_hours AS tweets
  ON metric.timestamp = tweets.timestamp AND metric.symbol = tweets.symbol
