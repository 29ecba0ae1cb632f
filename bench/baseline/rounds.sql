SELECT
  id, chain_id, tags, match_amount, match_token_address, match_amount_in_usd, funded_amount,
  funded_amount_in_usd, application_metadata_cid, application_metadata, round_metadata_cid,
  round_metadata, applications_start_time, applications_end_time, donations_start_time,
  donations_end_time, created_by_address, created_at_block, updated_at_block, manager_role,
  admin_role, strategy_address, strategy_id, strategy_name, matching_distribution,
  ready_for_payout_transaction, project_id, total_amount_donated_in_usd, total_donations_count,
  unique_donors_count, total_distributed, source
FROM (
  SELECT both_sources.*, row_number() OVER (PARTITION BY id, chain_id ORDER BY source) AS row_number
  FROM (
    SELECT live.*, 'indexer' AS source FROM obvious_indexer.rounds AS live
    UNION ALL
    SELECT archived.*, 'static' AS source FROM static_indexer_chain_data_75.rounds AS archived
  ) AS both_sources
  WHERE chain_id <> 11155111
) AS ranked
WHERE row_number = 1
