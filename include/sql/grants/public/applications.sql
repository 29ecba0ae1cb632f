/*
description: Applications of projects to rounds; the frozen copy fills in where the live indexer has none.
unique_key: [id, chain_id, round_id]
indexes: [[chain_id, round_id], [project_id]]
amount: total_amount_donated_in_usd
columns:
  id: "Number of the application within its round."
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  project_id: "Project in the registry."
  anchor_address: "Anchor wallet of the project."
  status: "PENDING, APPROVED, REJECTED, CANCELLED or IN_REVIEW."
  status_snapshots: "History of the status."
  distribution_transaction: "Transaction that paid the matching."
  metadata_cid: "IPFS id of the application."
  metadata: "Application with project, answers and recipient."
  created_by_address: "Address that created it."
  created_at_block: "Block of its creation."
  status_updated_at_block: "Block of the last change of status."
  total_donations_count: "Number of donations."
  total_amount_donated_in_usd: "Donated in USD."
  unique_donors_count: "Number of different donors."
  tags: "Tags the indexer derives, such as allo-v2."
  source: "indexer for live rows, static for the frozen copy of August 2024."
checks:
  - min_rows: 1
    not_null: [id, chain_id, round_id, source]
    accepted_values:
      source: [indexer, static]
      status: [PENDING, APPROVED, REJECTED, CANCELLED, IN_REVIEW]
    range:
      total_amount_donated_in_usd: {min: 0, max: 1000000000}
      total_donations_count: {min: 0}
      unique_donors_count: {min: 0}
    holds: {metadata is an object: "jsonb_typeof(metadata) IN ('object', 'null')"}
    references:
      chain_id, round_id: public.rounds (chain_id, id)
  - severity: ask
    max_fall_pct: 1
    max_rise_pct: 50
    totals: {by: [chain_id, round_id], max_fall_pct: 5, floor_rows: 3, floor_amount: 500}
*/
SELECT
  live.id,
  live.chain_id,
  live.round_id,
  live.project_id,
  live.anchor_address,
  live.status,
  live.status_snapshots,
  live.distribution_transaction,
  live.metadata_cid,
  live.metadata,
  live.created_by_address,
  live.created_at_block,
  live.status_updated_at_block,
  live.total_donations_count,
  live.total_amount_donated_in_usd,
  live.unique_donors_count,
  live.tags,
  'indexer' AS source
FROM landing.indexer_applications AS live
WHERE
  NOT EXISTS (
    SELECT 1 FROM reference.chains AS test_chain
    WHERE test_chain.chain_id = live.chain_id AND test_chain.is_test
  )
UNION ALL
SELECT
  archived.id,
  archived.chain_id,
  archived.round_id,
  archived.project_id,
  archived.anchor_address,
  archived.status,
  archived.status_snapshots,
  archived.distribution_transaction,
  archived.metadata_cid,
  archived.metadata,
  archived.created_by_address,
  archived.created_at_block,
  archived.status_updated_at_block,
  archived.total_donations_count,
  archived.total_amount_donated_in_usd,
  archived.unique_donors_count,
  archived.tags,
  'static' AS source
FROM static_indexer_chain_data_75.applications AS archived
WHERE NOT EXISTS (
  SELECT 1 FROM reference.chains AS test_chain
  WHERE test_chain.chain_id = archived.chain_id AND test_chain.is_test
)
AND NOT EXISTS (
  SELECT 1 FROM landing.indexer_applications AS live
  WHERE
    live.id = archived.id
    AND live.chain_id = archived.chain_id
    AND live.round_id = archived.round_id
)
