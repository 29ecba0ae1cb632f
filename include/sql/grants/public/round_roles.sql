/*
description: Managers and admins of rounds; the frozen copy fills in where the live indexer has none.
unique_key: [chain_id, round_id, address, role]
columns:
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  address: "Address that holds the role."
  role: "admin or manager."
  created_at_block: "Block of its creation."
  source: "indexer for live rows, static for the frozen copy of August 2024."
checks:
  - min_rows: 1
    not_null: [chain_id, round_id, address, role, source]
    accepted_values: {source: [indexer, static], role: [admin, manager]}
    matches: {address: '^0x[0-9a-fA-F]{40}$'}
    references:
      chain_id, round_id: public.rounds (chain_id, id)
  - severity: ask
    max_fall_pct: 5
    totals: {by: chain_id, max_fall_pct: 5, floor_rows: 3}
*/
SELECT
  live.chain_id,
  live.round_id,
  live.address,
  live.role,
  live.created_at_block,
  'indexer' AS source
FROM landing.indexer_round_roles AS live
WHERE
  NOT EXISTS (
    SELECT 1 FROM reference.chains AS test_chain
    WHERE test_chain.chain_id = live.chain_id AND test_chain.is_test
  )
UNION ALL
SELECT
  archived.chain_id,
  archived.round_id,
  archived.address,
  archived.role,
  archived.created_at_block,
  'static' AS source
FROM static_indexer_chain_data_75.round_roles AS archived
WHERE NOT EXISTS (
  SELECT 1 FROM reference.chains AS test_chain
  WHERE test_chain.chain_id = archived.chain_id AND test_chain.is_test
)
AND NOT EXISTS (
  SELECT 1 FROM landing.indexer_round_roles AS live
  WHERE
    live.chain_id = archived.chain_id
    AND live.round_id = archived.round_id
    AND live.address = archived.address
    AND live.role = archived.role
)
