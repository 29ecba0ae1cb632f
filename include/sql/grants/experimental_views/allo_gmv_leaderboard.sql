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
    year.role,
    year.address,
    year.year,
    year.name,
    year.micro_usd,
    year.events,
    year.first_at,
    year.last_at
  FROM intermediate.address_years AS year
),

newest AS (
  SELECT
    max(year.last_at) - make_interval(days => 30) AS month_before,
    max(year.last_at) - make_interval(days => 90) AS quarter_before,
    max(year.last_at) - make_interval(days => 365) AS year_before
  FROM years AS year
),

dated AS (
  SELECT
    event.role,
    event.address,
    event.name,
    event.tx_timestamp,
    round(event.gmv * 1000000)::bigint AS micro_usd,
    CASE
      WHEN event.tx_timestamp <= (SELECT newest.quarter_before FROM newest) THEN 1
      WHEN event.tx_timestamp <= (SELECT newest.month_before FROM newest) THEN 2
      ELSE 3
    END AS recency
  FROM experimental_views.allo_gmv_leaderboard_events AS event
  WHERE event.tx_timestamp > (SELECT newest.year_before FROM newest)
),

-- The windows of days are made of these parts, so that their events are added up once.
parts AS (
  SELECT
    dated.role,
    dated.address,
    dated.recency,
    max(dated.name) AS name,
    sum(dated.micro_usd) AS micro_usd,
    count(*) AS events,
    min(dated.tx_timestamp) AS first_at,
    max(dated.tx_timestamp) AS last_at
  FROM dated
  GROUP BY dated.role, dated.address, dated.recency
),

-- A window is 0 for all time, a year, or a number of days up to the newest event.
windows AS (
  SELECT
    0 AS window_no,
    year.role,
    year.address,
    year.name,
    year.micro_usd,
    year.events,
    year.first_at,
    year.last_at
  FROM years AS year
  UNION ALL
  SELECT
    year.year AS window_no,
    year.role,
    year.address,
    year.name,
    year.micro_usd,
    year.events,
    year.first_at,
    year.last_at
  FROM years AS year
  WHERE year.year > 0
  UNION ALL
  SELECT
    span.days AS window_no,
    part.role,
    part.address,
    part.name,
    part.micro_usd,
    part.events,
    part.first_at,
    part.last_at
  FROM parts AS part
  INNER JOIN (VALUES (30, 3), (90, 2), (365, 1)) AS span (days, least_recency)
    ON part.recency >= span.least_recency
),

totals AS (
  SELECT
    part.window_no,
    part.role,
    part.address,
    max(part.name) AS name,
    sum(part.micro_usd) AS micro_usd,
    sum(part.events)::bigint AS events,
    min(part.first_at) AS first_at,
    max(part.last_at) AS last_at
  FROM windows AS part
  GROUP BY part.window_no, part.role, part.address
),

-- Window and role become one number to count ranks by: comparing two texts for each pair of rows took longer
-- than all the rest.
rounded AS (
  SELECT
    total.*,
    CASE
      WHEN total.window_no = 0 THEN 'all'
      WHEN total.window_no < 1000 THEN 'last_' || total.window_no || '_days'
      ELSE total.window_no::text
    END AS time_window,
    (round(total.micro_usd / 10000) / 100)::double precision AS gmv_to_the_cent,
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
