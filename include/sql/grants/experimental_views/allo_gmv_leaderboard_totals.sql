/*
description: >
  Volume per address and role of all time and of each year: the windows of the leaderboard that only grow.
  Ranks are counted when it is read, since every new event moves many of them.
unique_key: [time_window, role, address]
indexes: [[time_window, role, gmv, address]]
amount: CASE WHEN time_window = 'all' THEN micro_usd ELSE 0 END / 1000000
grows:
  with: experimental_views.allo_gmv_leaderboard_events
  merge: {name: max, micro_usd: sum, events: sum, first_at: min, last_at: max}
  derived: {gmv: (round(micro_usd / 10000) / 100)::double precision}
columns:
  time_window: "all, or a year in UTC such as 2024."
  role: "donor, grantee, round_operator or contract_dev."
  address: "Address, lower case."
  name: "ENS name of the address."
  micro_usd: "Volume in millionths of a USD, each event rounded: whole numbers add up the same in any order."
  events: "Number of events that add up to it."
  first_at: "Time of the first of them; null where no event has a time."
  last_at: "Time of the last of them."
  gmv: "Volume in USD, to the cent."
checks:
  - min_rows: 1
    not_null: [time_window, role, address, micro_usd, gmv, events]
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
    sum(round(event.gmv * 1000000)::bigint) AS micro_usd,
    count(*) AS events,
    min(event.tx_timestamp) AS first_at,
    max(event.tx_timestamp) AS last_at
  FROM experimental_views.allo_gmv_leaderboard_events AS event
  GROUP BY event.role, event.address, date_part('year', event.tx_timestamp AT TIME ZONE 'UTC')::integer
),

-- All time is added up from the years, which are far fewer than the events.
totals AS (
  SELECT
    'all' AS time_window,
    year.role,
    year.address,
    max(year.name) AS name,
    sum(year.micro_usd) AS micro_usd,
    sum(year.events)::bigint AS events,
    min(year.first_at) AS first_at,
    max(year.last_at) AS last_at
  FROM years AS year
  GROUP BY year.role, year.address
  UNION ALL
  SELECT
    year.year::text AS time_window,
    year.role,
    year.address,
    year.name,
    year.micro_usd,
    year.events,
    year.first_at,
    year.last_at
  FROM years AS year
  WHERE year.year IS NOT NULL
)

SELECT
  total.time_window,
  total.role,
  total.address,
  total.name,
  total.micro_usd,
  total.events,
  total.first_at,
  total.last_at,
  (round(total.micro_usd / 10000) / 100)::double precision AS gmv
FROM totals AS total
