/*
description: All matching ever - Grants Stack rounds, cGrants and the Alpha rounds.
unique_key: [matching_id]
indexes: [[project_id]]
amount: match_amount_in_usd
columns:
  matching_id: "sha256 of the row's published text, see the SELECT; never changes once published."
  round_num: "Number of the program round; null for rounds outside the programs."
  title: "Title of the project."
  match_amount_in_usd: "Matching in USD."
  recipient_address: "Who is paid."
  project_id: "Project in the registry, or the id of the cGrants grant."
  round_id: "Round, or the slug of the sub-round for static rows."
  chain_id: "EIP-155 id of the chain."
  timestamp: "When the matching was set or paid."
checks:
  - {min_rows: 1, not_null: [matching_id, chain_id]}
  - severity: ask
    max_fall_pct: 5
    max_rise_pct: 100
    totals: {by: chain_id, max_fall_pct: 5, floor_rows: 3, floor_amount: 500}
*/
WITH matching AS (
  SELECT
    label.round_number AS round_num,
    indexed.project_name AS title,
    indexed.match_amount_in_usd,
    indexed.project_payout_address AS recipient_address,
    indexed.project_id,
    indexed.round_id,
    indexed.chain_id,
    indexed.timestamp,
    -- Ids of indexer rows were published without the round number.
    '' AS id_prefix
  FROM public.indexer_matching AS indexed
  LEFT JOIN intermediate.round_labels AS label
    ON
      indexed.chain_id = label.chain_id
      AND lower(indexed.round_id) = label.round_id
  UNION ALL
  SELECT
    static.round_num,
    static.title,
    static.match_amount_usd AS match_amount_in_usd,
    static.payoutaddress AS recipient_address,
    static.project_id,
    static.round_id,
    static.chain_id,
    static.timestamp,
    static.round_num::text AS id_prefix
  FROM public.static_matching AS static
),

signed AS (
  SELECT
    matching.*,
    concat(
      matching.id_prefix, matching.title, matching.match_amount_in_usd, matching.recipient_address,
      matching.project_id, matching.round_id, matching.chain_id
    ) AS id_text
  FROM matching
),

numbered AS (
  SELECT
    signed.*,
    row_number() OVER (
      PARTITION BY signed.id_text
      ORDER BY signed.round_num, signed.timestamp, signed.chain_id, signed.round_id, signed.project_id
    ) - 1 AS copy
  FROM signed
),

identified AS (
  SELECT
    numbered.*,
    encode(
      sha256(convert_to(concat(numbered.id_text, '#' || nullif(numbered.copy, 0)), 'UTF8')), 'hex'
    ) AS matching_id
  FROM numbered
)

SELECT
  identified.matching_id,
  identified.round_num,
  identified.title,
  identified.match_amount_in_usd,
  identified.recipient_address,
  identified.project_id,
  identified.round_id,
  identified.chain_id,
  identified.timestamp
FROM identified
