/*
description: Donations; the frozen copy fills in where the live indexer has none.
unique_key: [id]
indexes: [[chain_id, round_id, timestamp], [timestamp]]
amount: amount_in_usd
timestamp: timestamp
grows: {with: landing.indexer_donations, beside: [static_indexer_chain_data_75.donations]}
columns:
  id: "Id of the donation, unique over all chains."
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  application_id: "Application, see public.applications."
  donor_address: "Who gave."
  recipient_address: "Who received."
  project_id: "Project in the registry."
  transaction_hash: "Transaction on the chain."
  block_number: "Block of the transaction."
  token_address: "Token that was sent."
  timestamp: "Time of the block."
  amount: "Amount in the smallest unit of the token."
  amount_in_usd: "Amount in USD at the time."
  amount_in_round_match_token: "Amount in the token of the matching pool."
  source: "indexer for live rows, static for the frozen copy of August 2024."
checks:
  - min_rows: 1
    not_null: [id, chain_id, round_id, application_id, donor_address, timestamp, amount_in_usd, source]
    accepted_values: {source: [indexer, static]}
    range:
      amount_in_usd: {min: 0, max: 10000000}
      timestamp: {min: 2021-01-01, max: tomorrow}
    # A regular expression would take longer than all the other checks together.
    holds:
      donor_address is an address: octet_length(donor_address) = 42 AND starts_with(donor_address, '0x')
    references:
      chain_id, round_id, application_id: public.applications (chain_id, round_id, id)
  - severity: ask
    max_fall_pct: 1
    max_rise_pct: 25
    totals: {by: [chain_id, round_id], max_fall_pct: 5, max_rise_pct: 5, floor_rows: 10, floor_amount: 100}
    never_older: chain_id
  - severity: warn
    freshness: {by: chain_id, days: 30, times: 3}
*/
SELECT
  live.id,
  live.chain_id,
  live.round_id,
  live.application_id,
  live.donor_address,
  live.recipient_address,
  live.project_id,
  live.transaction_hash,
  live.block_number,
  live.token_address,
  live.timestamp,
  live.amount,
  live.amount_in_usd,
  live.amount_in_round_match_token,
  'indexer' AS source
FROM landing.indexer_donations AS live
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
  archived.application_id,
  archived.donor_address,
  archived.recipient_address,
  archived.project_id,
  archived.transaction_hash,
  archived.block_number,
  archived.token_address,
  archived.timestamp,
  archived.amount,
  archived.amount_in_usd,
  archived.amount_in_round_match_token,
  'static' AS source
FROM static_indexer_chain_data_75.donations AS archived
WHERE NOT EXISTS (
  SELECT 1 FROM reference.chains AS test_chain
  WHERE test_chain.chain_id = archived.chain_id AND test_chain.is_test
)
AND NOT EXISTS (
  SELECT 1 FROM landing.indexer_donations AS live
  WHERE live.id = archived.id
)
