/*
description: >
  Metrics of every symbol and hour that token_need asks for (no, symbol, from_hour, until_hour; in hours
  since 1970). Per symbol the known hours become arrays - the hours, and prefix sums with a 0 in front, all
  integers, so that any window is an exact difference of two elements. width_bucket finds where a window of
  true hours begins; a window of rows begins so many elements before. Rows 360 hours back are out of reach.
*/
WITH bounds AS (
  SELECT
    (min(from_hour) - 359) * 3600 AS first_second,
    max(until_hour) * 3600 AS last_second
  FROM token_need
),

known AS (
  SELECT
    need.no,
    tweets.timestamp / 3600 AS hour,
    sum(tweets.count::integer) OVER so_far AS s,
    (sum(tweets.count * tweets.count) OVER so_far)::bigint AS q,
    coalesce((sum(tweets.sentiment_e9) OVER so_far)::bigint, 0) AS t,
    count(tweets.sentiment_e9) OVER so_far AS m
  FROM token_need AS need
  INNER JOIN token_metrics.symbol_hours AS tweets
    ON
      need.symbol = tweets.symbol
      AND tweets.timestamp >= (need.from_hour - 359) * 3600
      AND tweets.timestamp <= need.until_hour * 3600
  WHERE
    tweets.timestamp >= (SELECT bounds.first_second FROM bounds)
    AND tweets.timestamp <= (SELECT bounds.last_second FROM bounds)
  WINDOW so_far AS (PARTITION BY need.no ORDER BY tweets.timestamp ROWS UNBOUNDED PRECEDING)
),

prefix AS (
  SELECT
    no,
    array_agg(hour ORDER BY hour) AS hours,
    0::bigint || array_agg(s ORDER BY hour) AS s,
    0::bigint || array_agg(q ORDER BY hour) AS q,
    0::bigint || array_agg(t ORDER BY hour) AS t,
    0::bigint || array_agg(m ORDER BY hour) AS m
  FROM known
  GROUP BY no
),

sums AS MATERIALIZED (
  SELECT
    need.symbol,
    grid.hour,
    rows.r24,
    rows.r48,
    rows.r168,
    rows.r336,
    p.hours[at.i] = grid.hour AS is_known,
    (p.s[at.i + 1] - p.s[at.i])::double precision AS newest_count,
    (p.t[at.i + 1] - p.t[at.i])
    / 1e9::double precision
    / nullif(p.m[at.i + 1] - p.m[at.i], 0) AS newest_sentiment,
    at.i - at.i24 AS n1,
    at.i24 - at.i48 AS n1p,
    at.i - at.i168 AS n7,
    at.i168 - at.i336 AS n7p,
    at.i - at.i336 AS n14,
    p.s[at.i + 1] - p.s[at.i24 + 1] AS s1,
    p.s[at.i24 + 1] - p.s[at.i48 + 1] AS s1p,
    p.s[at.i + 1] - p.s[at.i168 + 1] AS s7,
    p.s[at.i168 + 1] - p.s[at.i336 + 1] AS s7p,
    p.s[at.i + 1] - p.s[at.i336 + 1] AS s14,
    p.q[at.i + 1] - p.q[at.i24 + 1] AS q1,
    p.q[at.i + 1] - p.q[at.i168 + 1] AS q7,
    p.q[at.i + 1] - p.q[at.i336 + 1] AS q14,
    p.t[at.i + 1] - p.t[at.i24 + 1] AS t1,
    p.t[at.i + 1] - p.t[at.i168 + 1] AS t7,
    p.m[at.i + 1] - p.m[at.i24 + 1] AS m1,
    p.m[at.i + 1] - p.m[at.i168 + 1] AS m7,
    p.s[at.i + 1] - p.s[at.i + 1 - rows.r24] AS rs24,
    p.s[at.i + 1] - p.s[at.i + 1 - rows.r48] AS rs48,
    p.s[at.i + 1] - p.s[at.i + 1 - rows.r168] AS rs168,
    p.s[at.i + 1] - p.s[at.i + 1 - rows.r336] AS rs336,
    p.q[at.i + 1] - p.q[at.i + 1 - rows.r24] AS rq24,
    p.q[at.i + 1] - p.q[at.i + 1 - rows.r168] AS rq168,
    p.q[at.i + 1] - p.q[at.i + 1 - rows.r336] AS rq336,
    p.t[at.i + 1] - p.t[at.i + 1 - rows.r24] AS rt24,
    p.t[at.i + 1] - p.t[at.i + 1 - rows.r168] AS rt168,
    p.m[at.i + 1] - p.m[at.i + 1 - rows.r24] AS rm24,
    p.m[at.i + 1] - p.m[at.i + 1 - rows.r168] AS rm168
  FROM token_need AS need
  INNER JOIN prefix AS p ON need.no = p.no
  CROSS JOIN LATERAL generate_series(need.from_hour, need.until_hour) AS grid (hour)
  -- LIMIT keeps the searches from being repeated in every expression that uses their result.
  CROSS JOIN
    LATERAL ( -- noqa: ST05
      SELECT
        width_bucket(grid.hour, p.hours) AS i,
        width_bucket(grid.hour - 24, p.hours) AS i24,
        width_bucket(grid.hour - 48, p.hours) AS i48,
        width_bucket(grid.hour - 168, p.hours) AS i168,
        width_bucket(grid.hour - 336, p.hours) AS i336,
        width_bucket(grid.hour - 360, p.hours) AS i360
      LIMIT 1 -- noqa: AM09
    ) AS at
  CROSS JOIN
    LATERAL ( -- noqa: ST05
      SELECT
        least(24, at.i - at.i360) AS r24,
        least(48, at.i - at.i360) AS r48,
        least(168, at.i - at.i360) AS r168,
        least(336, at.i - at.i360) AS r336
      LIMIT 1 -- noqa: AM09
    ) AS rows
  WHERE at.i > at.i336
),

-- Squares of 336 hours fit into 64 bits up to nine million tweets an hour; beyond, numeric is as exact.
means AS (
  SELECT
    sums.*,
    CASE
      WHEN sums.q1 < 27000000000000000 THEN (sums.n1 * sums.q1 - sums.s1 * sums.s1)::double precision
      ELSE (sums.n1 * sums.q1::numeric - sums.s1::numeric * sums.s1)::double precision
    END AS v1,
    CASE
      WHEN sums.q7 < 27000000000000000 THEN (sums.n7 * sums.q7 - sums.s7 * sums.s7)::double precision
      ELSE (sums.n7 * sums.q7::numeric - sums.s7::numeric * sums.s7)::double precision
    END AS v7,
    CASE
      WHEN sums.q14 < 27000000000000000 THEN (sums.n14 * sums.q14 - sums.s14 * sums.s14)::double precision
      ELSE (sums.n14 * sums.q14::numeric - sums.s14::numeric * sums.s14)::double precision
    END AS v14,
    CASE
      WHEN sums.rq24 < 27000000000000000 THEN (sums.r24 * sums.rq24 - sums.rs24 * sums.rs24)::double precision
      ELSE (sums.r24 * sums.rq24::numeric - sums.rs24::numeric * sums.rs24)::double precision
    END AS rv24,
    CASE
      WHEN
        sums.rq168 < 27000000000000000
        THEN (sums.r168 * sums.rq168 - sums.rs168 * sums.rs168)::double precision
      ELSE (sums.r168 * sums.rq168::numeric - sums.rs168::numeric * sums.rs168)::double precision
    END AS rv168,
    CASE
      WHEN
        sums.rq336 < 27000000000000000
        THEN (sums.r336 * sums.rq336 - sums.rs336 * sums.rs336)::double precision
      ELSE (sums.r336 * sums.rq336::numeric - sums.rs336::numeric * sums.rs336)::double precision
    END AS rv336,
    CASE WHEN sums.is_known THEN sums.newest_count END AS count,
    CASE WHEN sums.is_known THEN sums.newest_sentiment END AS sentiment,
    sums.s1::double precision / nullif(sums.n1, 0) AS sma1,
    sums.s1p::double precision / nullif(sums.n1p, 0) AS sma1p,
    sums.s7::double precision / nullif(sums.n7, 0) AS sma7,
    sums.s7p::double precision / nullif(sums.n7p, 0) AS sma7p,
    sums.s14::double precision / sums.n14 AS sma14,
    CASE WHEN sums.is_known THEN sums.rs24::double precision / sums.r24 END AS rsma1,
    CASE
      WHEN sums.is_known THEN CASE WHEN sums.r48 >= 24 THEN sums.rs48::double precision / sums.r48 ELSE 0 END
    END AS rsma1p,
    CASE WHEN sums.is_known THEN sums.rs168::double precision / sums.r168 END AS rsma7,
    CASE
      WHEN
        sums.is_known
        THEN CASE WHEN sums.r336 >= 168 THEN sums.rs336::double precision / sums.r336 ELSE 0 END
    END
      AS rsma7p,
    CASE WHEN sums.is_known THEN sums.rs336::double precision / sums.r336 END AS rsma14
  FROM sums
)

SELECT
  symbol,
  count,
  sma1 AS symbol_sma1,
  sma1p AS symbol_sma1_previous,
  sma7 AS symbol_sma7,
  sma7p AS symbol_sma7_previous,
  sma14 AS symbol_sma14,
  sentiment,
  n1 AS hours_1,
  n1p AS hours_1_previous,
  n7 AS hours_7,
  n7p AS hours_7_previous,
  n14 AS hours_14,
  rsma1 AS symbol_sma1_compat,
  rsma1p AS symbol_sma1_previous_compat,
  rsma7 AS symbol_sma7_compat,
  rsma7p AS symbol_sma7_previous_compat,
  rsma14 AS symbol_sma14_compat,
  hour * 3600 AS timestamp,
  (sma1 - sma1p) / nullif(sma1p, 0) AS sma1_dif,
  (sma7 - sma7p) / nullif(sma7p, 0) AS sma7_dif,
  (count - sma14) / nullif(count, 0) AS sma14_dif,
  t1 / 1e9::double precision / nullif(m1, 0) AS sentiment_sma1,
  t7 / 1e9::double precision / nullif(m7, 0) AS sentiment_sma7,
  CASE
    WHEN
      n1 > 1 AND s1 > 0
      THEN sqrt(v1 * n1 / (n1 - 1)) / s1
  END AS rsd_1,
  CASE
    WHEN
      n7 > 1 AND s7 > 0
      THEN sqrt(v7 * n7 / (n7 - 1)) / s7
  END AS rsd_7,
  CASE
    WHEN
      n14 > 1 AND s14 > 0
      THEN sqrt(v14 * n14 / (n14 - 1)) / s14
  END AS rsd_14,
  CASE WHEN is_known THEN coalesce((rsma1 - rsma1p) / nullif(rsma1p, 0), 0) END AS sma1_dif_compat,
  CASE WHEN is_known THEN coalesce((rsma7 - rsma7p) / nullif(rsma7p, 0), 0) END AS sma7_dif_compat,
  -- Tweets before and none now went to -infinity, and took the whole batch with it: not known is the truth.
  CASE WHEN count <> 0 THEN (count - rsma14) / count WHEN rsma14 = 0 THEN 0 END AS sma14_dif_compat,
  CASE WHEN is_known THEN coalesce(sentiment, 0) END AS sentiment_compat,
  CASE
    WHEN is_known THEN coalesce(rt24 / 1e9::double precision / nullif(rm24, 0), 0)
  END AS sentiment_sma1_compat,
  CASE
    WHEN is_known THEN coalesce(rt168 / 1e9::double precision / nullif(rm168, 0), 0)
  END AS sentiment_sma7_compat,
  CASE
    WHEN r24 > 1 AND rs24 > 0 AND is_known
      THEN sqrt(rv24 * r24 / (r24 - 1)) / rs24
    WHEN is_known THEN 0
  END AS rsd_1_compat,
  CASE
    WHEN r168 > 1 AND rs168 > 0 AND is_known
      THEN
        sqrt(rv168 * r168 / (r168 - 1)) / rs168
    WHEN is_known THEN 0
  END AS rsd_7_compat,
  CASE
    WHEN r336 > 1 AND rs336 > 0 AND is_known
      THEN
        sqrt(rv336 * r336 / (r336 - 1)) / rs336
    WHEN is_known THEN 0
  END AS rsd_14_compat
FROM means
