/*
description: Card 328 as the warehouse answers it - the figures of the impact page.
*/
WITH donated AS (
  SELECT
    sum(donation.amount_in_usd::double precision) AS crowdfunded_usd,
    count(*) AS donations,
    count(DISTINCT lower(donation.donor_address)) AS donors
  FROM public.all_donations AS donation
),

matched AS (
  SELECT sum(matching.match_amount_in_usd::double precision) AS matching_usd
  FROM public.all_matching AS matching
)

SELECT
  donated.crowdfunded_usd,
  matched.matching_usd,
  donated.donations,
  donated.donors
FROM donated
CROSS JOIN matched
