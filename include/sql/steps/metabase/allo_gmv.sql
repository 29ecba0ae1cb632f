/*
description: >
  Card 196 as the warehouse answers it - volume that reached grantees in USD, by donations and distributions.
*/
SELECT sum(event.gmv::double precision) AS allo_gmv
FROM experimental_views.allo_gmv_leaderboard_events AS event
WHERE event.role = 'grantee'
