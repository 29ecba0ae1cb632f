/*
description: Volume of each address in a year, per role; the leaderboard adds its windows up from it.
unique_key: [role, address, year]
amount: micro_usd / 1000000
grows:
  with: experimental_views.allo_gmv_leaderboard_events
  merge: {name: max, micro_usd: sum, events: sum, first_at: min, last_at: max}
columns:
  role: "donor, grantee, round_operator or contract_dev."
  address: "Address, lower case."
  year: "Year in UTC; 0 for events without a time."
  name: "ENS name of the address."
  micro_usd: "Volume in millionths of a USD, each event rounded: whole numbers add up the same in any order."
  events: "Number of events that add up to it."
  first_at: "Time of the first of them; null where no event has a time."
  last_at: "Time of the last of them."
checks: {min_rows: 1, not_null: [role, address, year, micro_usd, events]}
*/
SELECT
  event.role,
  event.address,
  coalesce(date_part('year', event.tx_timestamp AT TIME ZONE 'UTC')::integer, 0) AS year,
  max(event.name) AS name,
  sum(round(event.gmv * 1000000)::bigint) AS micro_usd,
  count(*) AS events,
  min(event.tx_timestamp) AS first_at,
  max(event.tx_timestamp) AS last_at
FROM experimental_views.allo_gmv_leaderboard_events AS event
GROUP BY
  event.role, event.address, coalesce(date_part('year', event.tx_timestamp AT TIME ZONE 'UTC')::integer, 0)
