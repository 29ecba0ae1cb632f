/*
description: >
  The ten symbols whose last week varied most around its mean, of those with at least 100 tweets in the
  newest hour.
unique_key: [symbol]
columns:
  rank: "1 is first; equals go by tweets, then by name."
checks: {unique: [[rank]], not_null: [rank, rsd_7], range: {count: {min: 100}, rank: {min: 1, max: 10}}}
*/
SELECT
  stats.*,  -- noqa: AM04
  row_number() OVER (ORDER BY stats.rsd_7 DESC, stats.count DESC, stats.symbol ASC) AS rank
FROM token_metrics.token_stats AS stats
WHERE stats.count >= 100 AND stats.rsd_7 IS NOT NULL
ORDER BY rank ASC
LIMIT 10
