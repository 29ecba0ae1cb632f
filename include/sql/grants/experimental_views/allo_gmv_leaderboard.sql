/*
description: >
  Volume per address and role in each time window - all time, each year, and the days up to the newest event -
  with the place among the others. Worked out when it is read: ask for one window and role where that will do.
kind: view
unique_key: [time_window, role, address]
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
*/
WITH lines AS (
  SELECT
    total.time_window,
    total.role,
    total.address,
    total.name,
    total.gmv,
    total.events,
    total.first_at,
    total.last_at
  FROM experimental_views.allo_gmv_leaderboard_totals AS total
  UNION ALL
  SELECT
    recent.time_window,
    recent.role,
    recent.address,
    recent.name,
    recent.gmv,
    recent.events,
    recent.first_at,
    recent.last_at
  FROM experimental_views.allo_gmv_leaderboard_recent AS recent
)

SELECT
  line.time_window,
  line.role,
  line.address,
  line.name,
  line.gmv,
  line.events,
  line.first_at,
  line.last_at,
  row_number() OVER (
    PARTITION BY line.time_window, line.role ORDER BY line.gmv DESC, line.address DESC
  ) AS rank
FROM lines AS line
