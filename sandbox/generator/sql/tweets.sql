-- Hours from the newest row (or 45 days back) up to the last full one. What is drawn depends on symbol and
-- hour alone, so that it does not matter when a sandbox was filled.
WITH symbol (name, base) AS (
  VALUES ('BTC', 2600), ('ETH', 1900), ('BTCUSD', 240), ('ETHUSDT', 130), ('XRP', 800), ('DOGE', 1500),
  ('ADA', 700), ('DOT', 420), ('SOL', 900), ('LINK', 380), ('LINKUSD', 25), ('AVAX', 260), ('MATIC', 330),
  ('SHIB', 640), ('UNI', 210), ('LTC', 240), ('BCH', 90), ('XLM', 85), ('TRX', 120), ('ATOM', 180),
  ('XMR', 75), ('ALGO', 95), ('VET', 130), ('FTM', 140), ('CAKE', 60), ('SUSHI', 55), ('WAVES', 35),
  ('AAPL', 450), ('TSLA', 980), ('SPY', 610), ('gme', 150), ('APE', 190), ('CRO', 160), ('HBAR', 70),
  ('MOONSHOT', 12), ('O''Neil', 3), ('', 2), ('🚀🚀🚀', 9), (repeat('A', 200), 1)
), hour (second) AS (
  SELECT generate_series(
    greatest(
      (extract(EPOCH FROM now())::bigint / 3600 - 45 * 24) * 3600,
      coalesce((SELECT max("timestamp") FROM tweetvolumeshours) + 3600, 0)
    ),
    (extract(EPOCH FROM now())::bigint / 3600 - 1) * 3600,
    3600
  )
), draw AS (
  SELECT
    symbol.name,
    symbol.base,
    hour.second,
    abs(hashtextextended(symbol.name || hour.second, 1) % 10000) / 10000.0 AS first,
    abs(hashtextextended(symbol.name || hour.second, 2) % 10000) / 10000.0 AS second_draw,
    abs(hashtextextended(symbol.name || (hour.second / 86400), 3) % 10000) / 10000.0 AS of_day
  FROM symbol CROSS JOIN hour
)
INSERT INTO tweetvolumeshours (id, timezone, "timestamp", date, symbol, count, sentiment)
SELECT
  md5(name || '-' || second),
  'UTC',
  second,
  to_timestamp(second) AT TIME ZONE 'UTC',
  name,
  -- More by day than by night, every symbol with better and worse days.
  floor(base * (0.6 + 0.4 * sin(second % 86400 / 86400.0 * 2 * pi())) * (0.4 + 1.2 * of_day) * (0.7 + 0.6 * first)),
  CASE WHEN second_draw > 0.1 THEN round((second_draw - 0.45)::numeric, 4) END
FROM draw
WHERE first > 0.03
ON CONFLICT (id) DO NOTHING
