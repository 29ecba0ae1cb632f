/*
description: >
  Volume per address and role in the days up to the newest event: the windows of the leaderboard that slide.
unique_key: [time_window, role, address]
indexes: [[time_window, role, gmv, address]]
amount: CASE WHEN time_window = 'last_365_days' THEN gmv ELSE 0 END
columns:
  time_window: "last_30_days, last_90_days or last_365_days; they end with the newest event."
  role: "donor, grantee, round_operator or contract_dev."
  address: "Address, lower case."
  name: "ENS name of the address."
  gmv: "Volume in USD, to the cent."
  events: "Number of events that add up to it."
  first_at: "Time of the first of them."
  last_at: "Time of the last of them."
checks:
  - not_null: [time_window, role, address, gmv, events]
    range: {gmv: {min: 0.5}, events: {min: 1}}
    accepted_values: {role: [donor, grantee, round_operator, contract_dev]}
  # The windows empty by themselves when little is given.
  - {severity: warn, max_fall_pct: 50}
*/
WITH newest AS (
  SELECT max(event.tx_timestamp) AS at
  FROM experimental_views.allo_gmv_leaderboard_events AS event
),

-- No event is later than the newest; said so, the planner expects few of them and takes the index.
dated AS (
  SELECT
    event.role,
    event.address,
    event.name,
    event.tx_timestamp,
    round(event.gmv * 1000000)::bigint AS micro_usd,
    CASE
      WHEN event.tx_timestamp <= (SELECT newest.at - make_interval(days => 90) FROM newest) THEN 1
      WHEN event.tx_timestamp <= (SELECT newest.at - make_interval(days => 30) FROM newest) THEN 2
      ELSE 3
    END AS recency
  FROM experimental_views.allo_gmv_leaderboard_events AS event
  WHERE
    event.tx_timestamp > (SELECT newest.at - make_interval(days => 365) FROM newest)
    AND event.tx_timestamp <= (SELECT newest.at FROM newest)
),

-- The windows are made of these parts, so that their events are added up once.
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
)

SELECT
  span.time_window,
  part.role,
  part.address,
  max(part.name) AS name,
  (round(sum(part.micro_usd) / 10000) / 100)::double precision AS gmv,
  sum(part.events)::bigint AS events,
  min(part.first_at) AS first_at,
  max(part.last_at) AS last_at
FROM parts AS part
INNER JOIN
  (VALUES ('last_30_days', 3), ('last_90_days', 2), ('last_365_days', 1)) AS span (time_window, recency)
  ON part.recency >= span.recency
GROUP BY span.time_window, part.role, part.address
