-- Exact sums: float addition would make the last digit depend on the order of rows.
CREATE TEMPORARY TABLE donation_totals ON COMMIT DROP AS
SELECT
  chain_id,
  round_id,
  application_id,
  count(*) AS donations,
  count(DISTINCT donor_address) AS donors,
  sum(amount_in_usd::numeric) AS usd
FROM donations
GROUP BY GROUPING SETS ((chain_id, round_id), (chain_id, round_id, application_id));

ANALYZE donation_totals;
