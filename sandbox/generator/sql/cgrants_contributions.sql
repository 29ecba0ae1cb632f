-- The first contributions lie on the very bounds of the rounds; every 30th lies after its round's end.
WITH timings AS (
  SELECT
    round_num,
    start_date,
    end_date
  FROM jsonb_to_recordset({timings}::jsonb) AS timing (
    round_num integer, start_date timestamptz, end_date timestamptz
  )
),

draws AS (
  SELECT
    number,
    CASE WHEN number <= 30 THEN (number + 1) / 2 ELSE 15 - pg_temp.skewed(number, 41, 15) END AS round_num,
    pg_temp.address('account', pg_temp.skewed(number / 2, 42, {donors})) AS voter,
    pg_temp.fraction(number, 43) AS moment,
    pg_temp.fraction(number, 44) AS checkout,
    (ARRAY[1, 1, 1, 2, 5, 5, 10, 25, 50, 100])[1 + floor(pg_temp.fraction(number, 45) * 10)::integer]
    * (95 + floor(pg_temp.fraction(number, 46) * 10)) / 100 AS usd
  FROM generate_series(1, {contributions}) AS number
  OFFSET 0
)

SELECT
  draws.number AS id,
  CASE draws.number % 5
    WHEN 0 THEN '0x' || upper(substr(draws.voter, 3, 20)) || substr(draws.voter, 23)
    ELSE draws.voter
  END AS voter_address,
  100 + 3 * CASE
    -- A few grants were deleted after they had been given to.
    WHEN draws.number % 211 = 0 THEN {grants} + 5
    ELSE pg_temp.skewed(draws.number, 47, {grants})
  END AS grant_id,
  CASE
    WHEN draws.number <= 30 AND draws.number % 2 = 1 THEN timings.start_date
    WHEN draws.number <= 30 THEN timings.end_date
    WHEN draws.number % 30 = 0 THEN timings.end_date + draws.moment * INTERVAL '5 days'
    ELSE date_trunc(
      'milliseconds', timings.start_date + draws.moment * (timings.end_date - timings.start_date)
    )
  END AT TIME ZONE 'UTC' AS created_on,
  draws.usd AS "amountUSD",
  CASE
    WHEN draws.checkout < 0.70 THEN 'eth_std'
    WHEN draws.checkout < 0.85 THEN 'eth_polygon'
    WHEN draws.checkout < 0.97 THEN 'eth_zksync'
    ELSE 'eth_other'
  END AS checkout_type,
  CASE WHEN draws.number % 17 <> 0 THEN '0x' || pg_temp.digest('contribution', draws.number / 2) END AS tx_id,
  draws.number % 40 <> 0 AS match,
  '0x0000000000000000000000000000000000000000' AS token_address,
  CASE WHEN draws.number % 3 = 0 THEN 'DAI' ELSE 'ETH' END AS token_symbol,
  draws.usd / 2000 AS "amountToken",
  CASE WHEN draws.number % 7 <> 0 THEN 20000000000 END AS gas_price,
  draws.number % 10 = 0 AS anonymous
FROM draws
INNER JOIN timings USING (round_num)
ORDER BY draws.number
