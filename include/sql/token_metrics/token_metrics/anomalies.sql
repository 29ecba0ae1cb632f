/*
description: >
  Symbols whose newest hour is unlike the same hour of the week before - robust z of 3.5 and more against up
  to eight earlier weeks, at least four of them known. Hours of reference.token_incidents are no measure and
  no anomaly.
unique_key: [symbol]
columns:
  symbol: "The token, in capitals."
  timestamp: "The hour, in seconds since 1970."
  count: "Tweets in it."
  usual: "Median of the same hour of earlier weeks."
  deviation: "Median distance from that median, at least 5 % of it and one tweet."
  z: "How many standard deviations away, were the counts normally distributed."
  weeks: "Earlier weeks that are known."
  window_counts: "Their counts, the newest first."
checks: {not_null: [z], range: {weeks: {min: 4, max: 8}}}
*/
WITH sample AS (
  SELECT
    tweets.symbol,
    tweets.timestamp,
    tweets.count
  FROM token_metrics.published_hour AS published
  CROSS JOIN generate_series(1, 8) AS earlier (week)
  INNER JOIN token_metrics.symbol_hours AS tweets
    ON tweets.timestamp = published.timestamp - earlier.week * 7 * 24 * 3600
  WHERE
    NOT EXISTS (
      SELECT 1 FROM reference.token_incidents AS incident
      WHERE
        to_timestamp(tweets.timestamp) >= incident.begins_at
        AND to_timestamp(tweets.timestamp) < incident.ends_at
    )
),

middle AS (
  SELECT
    sample.symbol,
    count(*) AS weeks,
    array_agg(sample.count ORDER BY sample.timestamp DESC) AS window_counts,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY sample.count) AS usual
  FROM sample
  GROUP BY sample.symbol
  HAVING count(*) >= 4
),

spread AS (
  SELECT
    sample.symbol,
    greatest(
      percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(sample.count - middle.usual)),
      max(middle.usual) * 0.05,
      1
    ) AS deviation
  FROM sample
  INNER JOIN middle ON sample.symbol = middle.symbol
  GROUP BY sample.symbol
),

scored AS (
  SELECT
    newest.symbol,
    newest.timestamp,
    newest.count,
    middle.usual,
    spread.deviation,
    middle.weeks,
    middle.window_counts,
    (newest.count - middle.usual) * 0.6745 / spread.deviation AS z
  FROM token_metrics.published_hour AS published
  INNER JOIN token_metrics.symbol_hours AS newest ON published.timestamp = newest.timestamp
  INNER JOIN middle ON newest.symbol = middle.symbol
  INNER JOIN spread ON newest.symbol = spread.symbol
  WHERE
    NOT EXISTS (
      SELECT 1 FROM reference.token_incidents AS incident
      WHERE
        to_timestamp(newest.timestamp) >= incident.begins_at
        AND to_timestamp(newest.timestamp) < incident.ends_at
    )
)

SELECT
  scored.symbol,
  scored.timestamp,
  scored.count,
  scored.usual,
  scored.deviation,
  scored.z,
  scored.weeks,
  scored.window_counts
FROM scored
WHERE abs(scored.z) >= 3.5
