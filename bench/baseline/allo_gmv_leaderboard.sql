WITH events AS (
  SELECT 'all' AS time_window, event.* FROM obvious.allo_gmv_leaderboard_events AS event
  UNION ALL
  SELECT extract(YEAR FROM event.tx_timestamp AT TIME ZONE 'UTC')::text AS time_window, event.*
  FROM obvious.allo_gmv_leaderboard_events AS event
  WHERE event.tx_timestamp IS NOT NULL
  UNION ALL
  SELECT span.time_window, event.*
  FROM obvious.allo_gmv_leaderboard_events AS event
  CROSS JOIN
    (VALUES ('last_30_days', 30), ('last_90_days', 90), ('last_365_days', 365)) AS span (time_window, days)
  WHERE event.tx_timestamp > (
    SELECT max(newest.tx_timestamp) FROM obvious.allo_gmv_leaderboard_events AS newest
  ) - make_interval(days => span.days)
),

totals AS (
  SELECT
    event.time_window, event.role, event.address, max(event.name) AS name,
    round(sum(event.gmv)::numeric, 2)::double precision AS gmv,
    count(*) AS events, min(event.tx_timestamp) AS first_at, max(event.tx_timestamp) AS last_at
  FROM events AS event
  GROUP BY event.time_window, event.role, event.address
)

SELECT
  total.time_window, total.role,
  row_number() OVER (PARTITION BY total.time_window, total.role ORDER BY total.gmv DESC, total.address DESC) AS rank,
  total.address, total.name, total.gmv, total.events, total.first_at, total.last_at
FROM totals AS total
