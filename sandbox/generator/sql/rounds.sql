INSERT INTO rounds (
  id, chain_id, tags, match_amount, match_token_address, match_amount_in_usd, funded_amount,
  funded_amount_in_usd, application_metadata_cid, application_metadata, round_metadata_cid, round_metadata,
  applications_start_time, applications_end_time, donations_start_time, donations_end_time,
  created_by_address, created_at_block, updated_at_block, manager_role, admin_role, strategy_address,
  strategy_id, strategy_name, matching_distribution, ready_for_payout_transaction, project_id,
  total_amount_donated_in_usd, total_donations_count, unique_donors_count, total_distributed
)
WITH payouts AS (
  SELECT
    chain_id,
    round_id,
    sum(amount) AS amount
  FROM applications_payouts
  GROUP BY chain_id, round_id
)

SELECT
  round.id,
  round.chain_id,
  CASE WHEN length(round.id) < 42 THEN ARRAY['allo-v2'] ELSE ARRAY['allo-v1'] END AS tags,
  (
    round.match_amount_in_usd::numeric * 1000000 * pg_temp.units_per_micro(round.round_no)
  )::numeric(78, 0) AS match_amount,
  pg_temp.token(round.chain_id, round.round_no) AS match_token_address,
  round.match_amount_in_usd,
  0 AS funded_amount,
  0 AS funded_amount_in_usd,
  'bafkrei' || left(pg_temp.digest('questions', round.round_no), 52) AS application_metadata_cid,
  '{{"version": "2.0.0", "applicationSchema": {{"questions": []}}}}'::jsonb AS application_metadata,
  'bafkrei' || left(pg_temp.digest('round', round.round_no), 52) AS round_metadata_cid,
  round.round_metadata,
  round.created_at + INTERVAL '1 day' AS applications_start_time,
  round.created_at + INTERVAL '30 days' AS applications_end_time,
  CASE WHEN NOT round.open_ended THEN round.first_donation_at END AS donations_start_time,
  CASE WHEN NOT round.open_ended THEN round.last_donation_at END AS donations_end_time,
  pg_temp.address('operator', round.round_no % 50) AS created_by_address,
  pg_temp.block_at(round.chain_id, round.created_at) AS created_at_block,
  pg_temp.block_at(round.chain_id, round.created_at) + 5 AS updated_at_block,
  '0x' || pg_temp.digest('manager role', round.round_no) AS manager_role,
  '0x' || pg_temp.digest('admin role', round.round_no) AS admin_role,
  pg_temp.address('strategy', round.round_no) AS strategy_address,
  '0x' || pg_temp.digest(coalesce(round.strategy_name, ''), 0) AS strategy_id,
  round.strategy_name,
  matching.distribution AS matching_distribution,
  CASE
    WHEN matching.distribution IS NOT NULL THEN '0x' || pg_temp.digest('ready', round.round_no)
  END AS ready_for_payout_transaction,
  round.program_id AS project_id,
  coalesce(totals.usd, 0)::real AS total_amount_donated_in_usd,
  coalesce(totals.donations, 0) AS total_donations_count,
  coalesce(totals.donors, 0) AS unique_donors_count,
  coalesce(payouts.amount, 0) AS total_distributed
FROM staged_rounds AS round
INNER JOIN version_heads ON round.chain_id = version_heads.chain_id
LEFT JOIN matching_distributions AS matching USING (round_no)
LEFT JOIN payouts ON round.chain_id = payouts.chain_id AND round.id = payouts.round_id
LEFT JOIN donation_totals AS totals
  ON round.chain_id = totals.chain_id AND round.id = totals.round_id AND totals.application_id IS NULL
WHERE (NOT round.archive_only OR {with_archive}) AND round.created_at <= version_heads.head
