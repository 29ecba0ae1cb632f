/*
description: >
  Volume per address and role in each time window - all time, each year, and the days up to the newest event.
  One row is one line of the leaderboard, so that a page of it is read and not added up.
unique_key: [time_window, role, address]
indexes: [[time_window, role, gmv, address]]
amount: CASE WHEN time_window = 'all' THEN gmv ELSE 0 END
columns:
  time_window: "all, a year in UTC such as 2024, last_30_days, last_90_days or last_365_days."
  role: "donor, grantee, round_operator or contract_dev."
  address: "Address, lower case."
  name: "ENS name of the address."
  gmv: "Volume in USD, to the cent."
  events: "Number of events that add up to it."
  first_at: "Time of the first of them; null where no event has a time."
  last_at: "Time of the last of them."
  rank: "Place among the addresses of window and role, 1 for the largest volume."
checks:
  - min_rows: 1
    not_null: [time_window, role, rank, address, gmv, events]
    range: {gmv: {min: 0.5}, events: {min: 1}}
    accepted_values: {role: [donor, grantee, round_operator, contract_dev]}
  # Whatever falls here has fallen in the events, where a person is asked.
  - {severity: warn, max_fall_pct: 10}
*/
WITH years AS (
  SELECT
    event.role,
    event.address,
    date_part('year', event.tx_timestamp AT TIME ZONE 'UTC')::integer AS year,
    max(event.name) AS name,
    sum(event.gmv) AS gmv,
    count(*) AS events,
    min(event.tx_timestamp) AS first_at,
    max(event.tx_timestamp) AS last_at
  FROM experimental_views.allo_gmv_leaderboard_events AS event
  GROUP BY event.role, event.address, date_part('year', event.tx_timestamp AT TIME ZONE 'UTC')::integer
),

newest AS (
  SELECT max(year.last_at) AS at FROM years AS year
),

recent_windows AS (
  SELECT
    span.time_window,
    span.days AS window_no,
    newest.at - make_interval(days => span.days) AS since
  FROM newest
  CROSS JOIN
    (VALUES ('last_30_days', 30), ('last_90_days', 90), ('last_365_days', 365)) AS span (time_window, days)
),

totals AS (
  SELECT
    'all' AS time_window,
    0 AS window_no,
    year.role,
    year.address,
    max(year.name) AS name,
    sum(year.gmv) AS gmv,
    sum(year.events)::bigint AS events,
    min(year.first_at) AS first_at,
    max(year.last_at) AS last_at
  FROM years AS year
  GROUP BY year.role, year.address
  UNION ALL
  SELECT
    year.year::text AS time_window,
    year.year AS window_no,
    year.role,
    year.address,
    year.name,
    year.gmv,
    year.events,
    year.first_at,
    year.last_at
  FROM years AS year
  WHERE year.year IS NOT NULL
  UNION ALL
  SELECT
    recent.time_window,
    recent.window_no,
    event.role,
    event.address,
    max(event.name) AS name,
    sum(event.gmv) AS gmv,
    count(*) AS events,
    min(event.tx_timestamp) AS first_at,
    max(event.tx_timestamp) AS last_at
  FROM experimental_views.allo_gmv_leaderboard_events AS event
  INNER JOIN recent_windows AS recent ON event.tx_timestamp > recent.since
  GROUP BY recent.time_window, recent.window_no, event.role, event.address
),

-- A sum of floating-point numbers depends on the order of rows; its cents do not. Window and role become one
-- number to count ranks by: comparing two texts for each pair of rows took longer than all the rest.
rounded AS (
  SELECT
    total.*,
    round(total.gmv * 100) / 100 AS gmv_to_the_cent,
    total.window_no * 10
    + array_position(ARRAY['donor', 'grantee', 'round_operator', 'contract_dev'], total.role) AS board
  FROM totals AS total
)

SELECT
  rounded.time_window,
  rounded.role,
  rounded.address,
  rounded.name,
  rounded.gmv_to_the_cent AS gmv,
  rounded.events,
  rounded.first_at,
  rounded.last_at,
  row_number() OVER (
    PARTITION BY rounded.board ORDER BY rounded.gmv_to_the_cent DESC, rounded.address DESC
  ) AS rank
FROM rounded
