/*
description: Tweets per day (UTC) about symbols, and beside them what was no symbol.
unique_key: [date]
columns:
  date: "The day; the last one goes on."
  tweets: "Tweets about symbols."
  other_tweets: "Tweets about what was no symbol."
  symbols: "Different symbols."
checks:
  - {min_rows: 1, range: {tweets: {min: 0}}}
*/
SELECT
  daily.day::timestamp AS date,
  coalesce(sum(daily.tweets) FILTER (WHERE daily.symbol <> 'NOT_A_SYMBOL'), 0)::double precision AS tweets,
  coalesce(sum(daily.tweets) FILTER (WHERE daily.symbol = 'NOT_A_SYMBOL'), 0)::double precision
    AS other_tweets,
  count(*) FILTER (WHERE daily.symbol <> 'NOT_A_SYMBOL') AS symbols
FROM token_metrics.symbol_days AS daily
GROUP BY daily.day
