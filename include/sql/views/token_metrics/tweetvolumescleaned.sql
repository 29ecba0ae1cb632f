/*
description: >
  Every row of the source with the symbol it became, by which rule and why, and the problem that keeps its
  count out of the metrics, if it has one.
columns:
  symbol: "Symbol after cleaning."
  raw_symbol: "Symbol as the source writes it."
  problem: "What keeps the count out of the metrics; NULL where nothing does."
  sentiment_e9: "Sentiment in billionths; NULL where it is beyond belief."
*/
SELECT
  raw.id,
  raw.timezone,
  raw.timestamp,
  raw.date,
  cleaning.symbol,
  raw.count,
  raw.sentiment,
  raw.symbol AS raw_symbol,
  cleaning.rule,
  cleaning.token,
  cleaning.reason,
  cleaning.rules_version,
  raw.revisions,
  raw.landed_at,
  CASE
    WHEN raw.count IS NULL THEN 'count is missing'
    WHEN raw.count = 'NaN' OR raw.count <> floor(raw.count) THEN 'count is no whole number'
    WHEN raw.count < 0 THEN 'count is negative'
    WHEN raw.count > 100000000 THEN 'count is beyond belief'
  END AS problem,
  CASE
    WHEN abs(raw.sentiment) <= 80 THEN round(raw.sentiment * 1e9)::bigint
  END AS sentiment_e9
FROM token_metrics.tweetvolumeshours AS raw
LEFT JOIN token_metrics.symbol_cleaning AS cleaning ON cleaning.raw_symbol = coalesce(raw.symbol, '')
