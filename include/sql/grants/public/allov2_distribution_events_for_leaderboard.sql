/*
description: Allo v2 distribution events as Dune gave them, numbered so that equal rows stay apart.
unique_key: [event_signature]
indexes: [[tx_timestamp]]
amount: gmv
timestamp: tx_timestamp
columns:
  blockchain: "Chain as Dune names it."
  tx_timestamp: "Time of the block."
  tx_hash: "Transaction."
  address: "Whom the volume is attributed to."
  role: "donor, grantee, round_operator or contract_dev."
  gmv: "Volume in USD."
  strategy_name: "Allocation strategy, without the prefix that the indexer puts before it."
  row_number: "Rank by time, role, address and volume, then by the other columns."
  event_signature: "sha256 of the row, its number included."
checks:
  - min_rows: 1
    not_null: [event_signature, row_number, blockchain, tx_timestamp, tx_hash, role, gmv]
    accepted_values: {role: [donor, grantee, round_operator, contract_dev]}
    range:
      gmv: {min: 0, max: 100000000}
      tx_timestamp: {min: 2021-01-01, max: tomorrow}
    matches: {address: '^0x[0-9a-fA-F]{40}$', tx_hash: '^0x[0-9a-fA-F]{64}$'}
  - severity: ask
    references: {blockchain: reference.chains (dune_name)}
    max_fall_pct: 5
    max_rise_pct: 50
    totals: {by: [blockchain, role], max_fall_pct: 5, max_rise_pct: 5, floor_rows: 5, floor_amount: 500}
*/
WITH ranked AS (
  SELECT
    event.*,
    row_number() OVER (
      ORDER BY
        event.tx_timestamp,
        event.role,
        event.address,
        event.gmv,
        event.tx_hash,
        event.blockchain,
        event.strategy_name
    ) AS row_number
  FROM landing.dune_allo_v2_distribution_events AS event
)

SELECT
  ranked.blockchain,
  ranked.tx_timestamp,
  ranked.tx_hash,
  ranked.address,
  ranked.role,
  ranked.gmv,
  ranked.strategy_name,
  ranked.row_number,
  encode(
    sha256(
      convert_to(
        concat(
          -- Signed as Dune writes it: 2024-09-23 12:58:53.000 UTC.
          to_char(ranked.tx_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || ' UTC',
          ranked.tx_hash, ranked.address, ranked.gmv, ranked.role, ranked.row_number
        ),
        'UTF8'
      )
    ),
    'hex'
  ) AS event_signature
FROM ranked
