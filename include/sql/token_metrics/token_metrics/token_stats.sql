/*
description: >
  Metrics of every symbol in the newest hour that has arrived, with the price of the asset it means. A row
  whose count is NULL is a symbol of the last two weeks that this hour has no row of.
unique_key: [symbol]
columns:
  id: "Symbol and hour."
  timezone: "Always UTC."
  timestamp: "Start of the hour, in seconds since 1970."
  date: "The same, UTC."
  count: "Tweets in the hour."
  symbol_sma1: "Mean tweets per known hour of the last 24."
  symbol_sma1_previous: "The same of the 24 hours before those."
  symbol_sma7: "Mean tweets per known hour of the last 168."
  symbol_sma7_previous: "The same of the 168 hours before those."
  symbol_sma14: "Mean tweets per known hour of the last 336."
  sma1_dif: "Relative change of symbol_sma1 to the window before it."
  sma7_dif: "Relative change of symbol_sma7 to the window before it."
  sma14_dif: "How far the count is from symbol_sma14, as a share of the count."
  sentiment: "Sentiment of the hour, weighted by tweets."
  sentiment_sma1: "Mean of the known sentiments of the last 24 hours."
  sentiment_sma7: "Mean of the known sentiments of the last 168 hours."
  rsd_1: "Standard deviation over mean of the last 24 hours."
  rsd_7: "Standard deviation over mean of the last 168 hours."
  rsd_14: "Standard deviation over mean of the last 336 hours."
  hours_1: "Known hours among the last 24."
  hours_1_previous: "Known hours among the 24 before those."
  hours_7: "Known hours among the last 168."
  hours_7_previous: "Known hours among the 168 before those."
  hours_14: "Known hours among the last 336."
  symbol_sma1_compat: "symbol_sma1 by the formula of the job before this one."
  symbol_sma1_previous_compat: "symbol_sma1_previous by the formula of the job before this one."
  symbol_sma7_compat: "symbol_sma7 by the formula of the job before this one."
  symbol_sma7_previous_compat: "symbol_sma7_previous by the formula of the job before this one."
  symbol_sma14_compat: "symbol_sma14 by the formula of the job before this one."
  sma1_dif_compat: "sma1_dif by the formula of the job before this one."
  sma7_dif_compat: "sma7_dif by the formula of the job before this one."
  sma14_dif_compat: "sma14_dif by the formula of the job before this one."
  sentiment_compat: "sentiment by the formula of the job before this one."
  sentiment_sma1_compat: "sentiment_sma1 by the formula of the job before this one."
  sentiment_sma7_compat: "sentiment_sma7 by the formula of the job before this one."
  rsd_1_compat: "rsd_1 by the formula of the job before this one."
  rsd_7_compat: "rsd_7 by the formula of the job before this one."
  rsd_14_compat: "rsd_14 by the formula of the job before this one."
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
