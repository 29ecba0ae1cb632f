/*
description: >
  The newest hour that has arrived - one with at least half as many symbols as the median hour of the day
  before it, so that an hour of which only the first rows are there does not empty the rankings.
unique_key: [timestamp]
columns:
  timestamp: "Start of the hour, in seconds since 1970."
  symbols: "Symbols known in it."
  usual_symbols: "Median of the 24 hours before it."
checks: {min_rows: 1, not_null: [timestamp]}
*/
WITH hourly AS (
  SELECT
    tweets.timestamp,
    count(*) AS symbols
  FROM token_metrics.symbol_hours AS tweets
  INNER JOIN token_metrics.progress AS progress
    ON tweets.timestamp BETWEEN progress.newest_hour - 48 * 3600 AND progress.newest_hour
  GROUP BY tweets.timestamp
),

beside_usual AS (
  SELECT
    hour.timestamp,
    hour.symbols,
    (
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY earlier.symbols)
      FROM hourly AS earlier
      WHERE earlier.timestamp BETWEEN hour.timestamp - 24 * 3600 AND hour.timestamp - 3600
    ) AS usual_symbols
  FROM hourly AS hour
)

SELECT
  beside.timestamp,
  beside.symbols,
  beside.usual_symbols
FROM beside_usual AS beside
WHERE beside.symbols >= coalesce(beside.usual_symbols, 0) / 2
ORDER BY beside.timestamp DESC
LIMIT 1
