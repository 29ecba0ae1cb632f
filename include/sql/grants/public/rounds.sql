/*
description: Funding rounds; the frozen copy fills in where the live indexer has none.
unique_key: [id, chain_id]
amount: >
  coalesce(total_amount_donated_in_usd, 0)
  + CASE WHEN matching_distribution IS NULL THEN 0 ELSE coalesce(match_amount_in_usd, 0) END
columns:
  id: "Contract address (Allo v1) or pool number (Allo v2), unique per chain."
  chain_id: "EIP-155 id of the chain."
  tags: "Tags the indexer derives, such as allo-v2."
  match_amount: "Matching pool in the smallest unit of its token."
  match_token_address: "Token of the matching pool."
  match_amount_in_usd: "Matching pool in USD."
  funded_amount: "What was paid into the pool, in the smallest unit of its token."
  funded_amount_in_usd: "What was paid into the pool, in USD."
  application_metadata_cid: "IPFS id of the application form."
  application_metadata: "Application form."
  round_metadata_cid: "IPFS id of the round metadata."
  round_metadata: "Round metadata: name, eligibility, quadraticFundingConfig and more."
  applications_start_time: "Applications open."
  applications_end_time: "Applications close."
  donations_start_time: "Donations open."
  donations_end_time: "Donations close."
  created_by_address: "Address that created it."
  created_at_block: "Block of its creation."
  updated_at_block: "Block of its last change."
  manager_role: "Hash of the manager role."
  admin_role: "Hash of the admin role."
  strategy_address: "Contract of the allocation strategy."
  strategy_id: "Id of the allocation strategy."
  strategy_name: "Name of the allocation strategy; empty in the oldest rounds."
  matching_distribution: "Final matching per project; null before it is decided."
  ready_for_payout_transaction: "Transaction that made the round ready for payout."
  project_id: "Project in the registry."
  total_amount_donated_in_usd: "Donated in USD."
  total_donations_count: "Number of donations."
  unique_donors_count: "Number of different donors."
  total_distributed: "Distributed so far, in the smallest unit of the pool token."
  source: "indexer for live rows, static for the frozen copy of August 2024."
checks:
  - min_rows: 1
    not_null: [id, chain_id, source]
    accepted_values: {source: [indexer, static]}
    range:
      match_amount_in_usd: {min: 0, max: 1000000000}
      total_amount_donated_in_usd: {min: 0, max: 1000000000}
      total_donations_count: {min: 0}
      unique_donors_count: {min: 0}
    holds:
      matching_distribution is an object with the list matchingDistribution: >
        matching_distribution IS NULL OR matching_distribution = 'null'
        OR jsonb_typeof(matching_distribution -> 'matchingDistribution') IS NOT DISTINCT FROM 'array'
      every share in matching_distribution names its application and has numbers for percentage and amount: >
        NOT jsonb_path_exists(matching_distribution, '$.matchingDistribution[*] ? (
        @.type() != "object" || !exists(@.applicationId) || !exists(@.projectPayoutAddress)
        || !(@.matchPoolPercentage.type() == "number")
        || !(@.matchAmountInToken.type() == "number"
        || @.matchAmountInToken like_regex "^[0-9]+([.][0-9]+)?$"))')
  - severity: ask
    references: {chain_id: reference.chains (chain_id)}
    max_fall_pct: 5
    max_rise_pct: 50
    totals: {by: chain_id, max_fall_pct: 5, floor_amount: 1000}
*/
SELECT
  live.id,
  live.chain_id,
  live.tags,
  live.match_amount,
  live.match_token_address,
  live.match_amount_in_usd,
  live.funded_amount,
  live.funded_amount_in_usd,
  live.application_metadata_cid,
  live.application_metadata,
  live.round_metadata_cid,
  live.round_metadata,
  live.applications_start_time,
  live.applications_end_time,
  live.donations_start_time,
  live.donations_end_time,
  live.created_by_address,
  live.created_at_block,
  live.updated_at_block,
  live.manager_role,
  live.admin_role,
  live.strategy_address,
  live.strategy_id,
  live.strategy_name,
  live.matching_distribution,
  live.ready_for_payout_transaction,
  live.project_id,
  live.total_amount_donated_in_usd,
  live.total_donations_count,
  live.unique_donors_count,
  live.total_distributed,
  'indexer' AS source
FROM landing.indexer_rounds AS live
WHERE
  NOT EXISTS (
    SELECT 1 FROM reference.chains AS test_chain
    WHERE test_chain.chain_id = live.chain_id AND test_chain.is_test
  )
UNION ALL
SELECT
  archived.id,
  archived.chain_id,
  archived.tags,
  archived.match_amount,
  archived.match_token_address,
  archived.match_amount_in_usd,
  archived.funded_amount,
  archived.funded_amount_in_usd,
  archived.application_metadata_cid,
  archived.application_metadata,
  archived.round_metadata_cid,
  archived.round_metadata,
  archived.applications_start_time,
  archived.applications_end_time,
  archived.donations_start_time,
  archived.donations_end_time,
  archived.created_by_address,
  archived.created_at_block,
  archived.updated_at_block,
  archived.manager_role,
  archived.admin_role,
  archived.strategy_address,
  archived.strategy_id,
  archived.strategy_name,
  archived.matching_distribution,
  archived.ready_for_payout_transaction,
  archived.project_id,
  archived.total_amount_donated_in_usd,
  archived.total_donations_count,
  archived.unique_donors_count,
  archived.total_distributed,
  'static' AS source
FROM static_indexer_chain_data_75.rounds AS archived
WHERE NOT EXISTS (
  SELECT 1 FROM reference.chains AS test_chain
  WHERE test_chain.chain_id = archived.chain_id AND test_chain.is_test
)
AND NOT EXISTS (
  SELECT 1 FROM landing.indexer_rounds AS live
  WHERE
    live.id = archived.id
    AND live.chain_id = archived.chain_id
)
