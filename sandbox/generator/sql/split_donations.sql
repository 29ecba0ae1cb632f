-- Splits the known sum of each application over its donations, so that they add up to it to the millionth of
-- a dollar: donation k gets what k²/n² of the sum grows by, later ones more.
WITH numbered AS (
  SELECT
    application.*,
    sum(application.donation_count) OVER (ORDER BY application.application_no)
    - application.donation_count AS first_number
  FROM staged_applications AS application
),

positions AS (
  SELECT
    numbered.application_no,
    numbered.first_number + position AS number,
    numbered.donation_count::numeric AS donations,
    numbered.donor_count,
    numbered.donation_micros::numeric AS micros,
    position,
    extract(EPOCH FROM round.first_donation_at)::bigint AS first_epoch,
    extract(EPOCH FROM round.last_donation_at - round.first_donation_at)::double precision AS seconds
  FROM numbered
  INNER JOIN staged_rounds AS round USING (round_no)
  CROSS JOIN LATERAL generate_series(0, numbered.donation_count - 1) AS position
  WHERE round.archive_only = {archive_only}
)

SELECT
  number,
  number AS basket,
  application_no,
  pg_temp.skewed(application_no * 1000003::bigint + position % donor_count, 61, {donors}) AS donor_no,
  (
    trunc(micros * (position + 1) * (position + 1) / (donations * donations))
    - trunc(micros * position * position / (donations * donations))
  )::bigint AS micros,
  first_epoch
  + floor(seconds * (position + pg_temp.fraction(number::bigint, 62)) / donations::integer)::bigint AS epoch
FROM positions
