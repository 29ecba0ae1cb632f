/*
description: Every symbol that was in more than ten tweets of an hour once, with the asset it means.
unique_key: [symbol]
columns:
  symbol: "The token, in capitals."
  name: "Name of the asset, NULL where none is listed."
  tweets: "Tweets in all."
  first_day: "First day it was seen on (UTC)."
  last_day: "Last one."
checks: {not_null: [symbol]}
*/
SELECT
  daily.symbol,
  asset.asset_name AS name,
  asset.asset_id,
  asset.candidates,
  coalesce(asset.is_ambiguous, FALSE) AS is_ambiguous,
  sum(daily.tweets) AS tweets,
  min(daily.day) AS first_day,
  max(daily.day) AS last_day
FROM token_metrics.symbol_days AS daily
LEFT JOIN token_metrics.token_assets AS asset ON upper(daily.symbol) = asset.symbol
WHERE daily.symbol <> 'NOT_A_SYMBOL'
GROUP BY daily.symbol, asset.asset_name, asset.asset_id, asset.candidates, asset.is_ambiguous
HAVING max(daily.most_in_an_hour) > 10
