/*
description: >
  Money that left a round for a project - matching of rounds with a distribution, and payouts of direct
  grants.
amount: amount_in_usd
columns:
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  transaction_hash: "Transaction that paid; null for matching not paid through the contract."
  timestamp: "When the matching was set (else when the round ended), or when the payout was sent."
  amount_in_usd: "Amount in USD."
  recipient_address: "Who was paid, lower case."
checks:
  - not_null: [chain_id, round_id]
  - {severity: ask, max_fall_pct: 5}
*/
SELECT
  matching.chain_id,
  matching.round_id,
  title.distribution_transaction AS transaction_hash,
  coalesce(matching.timestamp, fact.donations_end_time) AS timestamp,
  matching.match_amount_in_usd AS amount_in_usd,
  lower(matching.project_payout_address) AS recipient_address
FROM public.indexer_matching AS matching
LEFT JOIN intermediate.round_facts AS fact
  ON
    matching.chain_id = fact.chain_id
    AND matching.round_id = fact.round_id
    AND fact.indexer = 'grants_stack'
LEFT JOIN intermediate.application_titles AS title
  ON
    matching.chain_id = title.chain_id
    AND matching.round_id = title.round_id
    AND matching.application_id = title.application_id
UNION ALL
SELECT
  payout.chain_id,
  payout.round_id,
  payout.transaction_hash,
  payout.timestamp,
  payout.amount_in_usd::double precision AS amount_in_usd,
  lower(title.recipient_address) AS recipient_address
FROM public.applications_payouts AS payout
LEFT JOIN intermediate.application_titles AS title
  ON
    payout.chain_id = title.chain_id
    AND payout.round_id = title.round_id
    AND payout.application_id = title.application_id
