-- One row per generated donation. Groups of four positions may form a basket: its donations share donor,
-- transaction and time, as a checkout of several projects does. A few repeat the basket's first donation.
-- OFFSET 0 keeps each draw from being computed once per use.
WITH open_rounds AS (
  SELECT
    round.round_no,
    round.donation_count,
    round.first_donation_no AS first_number,
    extract(EPOCH FROM round.first_donation_at)::bigint AS first_epoch,
    extract(EPOCH FROM round.last_donation_at - round.first_donation_at)::double precision AS seconds,
    count(application.rank) AS applications
  FROM staged_rounds AS round
  INNER JOIN staged_applications AS application USING (round_no)
  WHERE round.archive_only = {archive_only}
  GROUP BY round.round_no
),

positions AS (
  SELECT
    round.*,
    round.first_number + position AS number,
    round.first_number + position - CASE
      WHEN pg_temp.fraction(round.first_number + position / 4, 9) < 0.3 THEN position % 4
      ELSE 0
    END AS basket
  FROM open_rounds AS round
  CROSS JOIN LATERAL generate_series(0, round.donation_count - 1) AS position
  OFFSET 0
),

items AS (
  SELECT
    positions.*,
    CASE WHEN pg_temp.fraction(number, 10) < 0.03 THEN basket ELSE number END AS item
  FROM positions
  OFFSET 0
),

draws AS (
  SELECT
    number,
    basket,
    round_no,
    pg_temp.skewed(item, 2, applications) AS rank,
    pg_temp.skewed(basket, 1, {donors}) AS donor_no,
    pg_temp.fraction(item, 3) AS kind,
    pg_temp.fraction(item, 4) AS spread,
    pg_temp.fraction(item, 6) AS step,
    first_epoch
    + floor(seconds * (basket - first_number + pg_temp.fraction(basket, 8)) / donation_count)::bigint AS epoch
  FROM items
  OFFSET 0
)

SELECT
  draws.number,
  draws.basket,
  application.application_no,
  draws.donor_no,
  CASE
    WHEN draws.kind < 0.02 THEN 0
    WHEN draws.kind < 0.05 THEN 1 + floor(draws.spread * 900)::bigint
    WHEN draws.kind > 0.999 THEN 300000000 + floor(draws.spread * 9000000000)::bigint
    ELSE (950 + floor(draws.spread * 100)::bigint) * 1000 * (
      CASE
        WHEN draws.step < 0.45 THEN 1
        WHEN draws.step < 0.70 THEN 2
        WHEN draws.step < 0.90 THEN 5
        WHEN draws.step < 0.97 THEN 10
        ELSE 25
      END
    )
  END AS micros,
  draws.epoch
FROM draws
INNER JOIN staged_applications AS application USING (round_no, rank)
