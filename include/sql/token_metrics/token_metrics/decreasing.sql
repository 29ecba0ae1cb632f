/*
description: >
  The ten symbols whose last day fell most below the day before, of those with at least 100 tweets in the
  newest hour.
unique_key: [symbol]
columns:
  rank: "1 is first; equals go by tweets, then by name."
checks: {unique: [[rank]], not_null: [rank, sma1_dif], range: {count: {min: 100}, rank: {min: 1, max: 10}}}
*/
SELECT
  stats.id,
  stats.timezone,
  stats.timestamp,
  stats.date,
  stats.symbol,
  stats.count,
  stats.symbol_sma1,
  stats.symbol_sma1_previous,
  stats.symbol_sma7,
  stats.symbol_sma7_previous,
  stats.symbol_sma14,
  stats.sma1_dif,
  stats.sma7_dif,
  stats.sma14_dif,
  stats.sentiment,
  stats.sentiment_sma1,
  stats.sentiment_sma7,
  stats.rsd_1,
  stats.rsd_7,
  stats.rsd_14,
  stats.hours_1,
  stats.hours_1_previous,
  stats.hours_7,
  stats.hours_7_previous,
  stats.hours_14,
  stats.sma1_dif_compat,
  stats.sma7_dif_compat,
  stats.rsd_7_compat,
  stats.asset_id,
  stats.asset_name,
  stats.is_ambiguous,
  stats.price,
  stats.price_change_24h,
  stats.market_cap,
  stats.price_at,
  stats.price_age_s,
  row_number() OVER (ORDER BY stats.sma1_dif ASC, stats.count DESC, stats.symbol ASC) AS rank
FROM token_metrics.token_stats AS stats
WHERE stats.count >= 100 AND stats.sma1_dif IS NOT NULL
ORDER BY rank ASC
LIMIT 10
