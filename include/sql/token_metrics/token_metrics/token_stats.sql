/*
description: >
  Metrics of every symbol in the newest hour that has arrived, with the price of the asset it means. A row
  whose count is NULL is a symbol of the last two weeks that this hour has no row of.
unique_key: [symbol]
columns:
  symbol: "The token, in capitals."
  id: "Symbol and hour."
  timezone: "Always UTC."
  date: "The same, UTC."
  price: "USD; NULL where no listed asset has the symbol."
  price_change_24h: "Change of the price in 24 hours, in percent."
  market_cap: "USD."
  price_at: "When CoinMarketCap computed the price."
  price_age_s: "Its age in seconds when this row was built."
  is_ambiguous: "Several assets have the symbol and no rule says which one is meant."
checks:
  - {min_rows: 1, not_null: [symbol, timestamp], range: {count: {min: 0}, hours_14: {min: 1, max: 336}}}
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
  asset.asset_id,
  asset.asset_name,
  asset.is_ambiguous,
  asset.price,
  asset.price_change_24h,
  asset.market_cap,
  asset.price_at,
  metric.symbol || '-' || metric.timestamp AS id,
  to_timestamp(metric.timestamp) AT TIME ZONE 'UTC' AS date,
  extract(EPOCH FROM now() - asset.price_at)::bigint AS price_age_s
FROM token_metrics.metric_hours AS metric
INNER JOIN token_metrics.published_hour AS published ON metric.timestamp = published.timestamp
LEFT JOIN token_metrics.token_assets AS asset ON upper(metric.symbol) = asset.symbol
WHERE metric.symbol <> 'NOT_A_SYMBOL'
