/*
description: Matching of Grants Stack rounds, one row per project of a round's matching distribution.
indexes: [[chain_id, round_id]]
amount: match_amount_in_usd
columns:
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  round_name: "Name in the round metadata."
  project_id: "Project in the registry."
  project_name: "Title of the project."
  application_id: "Application, see public.applications."
  contributions_count: "Donations that counted."
  match_amount_in_token: "Matching in the smallest unit of the pool token."
  match_pool_percentage: "Share of the matching pool, 1 being all of it."
  project_payout_address: "Who is paid."
  original_match_amount_in_token: "Matching before redistribution, in the smallest unit of the pool token."
  match_amount_in_usd: "Matching in USD: share times the pool in USD."
  timestamp: "Block in which the distribution was set; null where the indexer does not say."
checks:
  - not_null: [chain_id, round_id, application_id]
    range: {match_amount_in_usd: {min: 0, max: 100000000}}
  - severity: ask
    range: {match_pool_percentage: {min: 0, max: 1.01}}
    matches: {project_payout_address: '^0x[0-9a-fA-F]{40}$'}
    max_fall_pct: 5
    max_rise_pct: 100
    totals: {by: [chain_id, round_id], max_fall_pct: 5, max_rise_pct: 100, floor_rows: 3, floor_amount: 500}
  - severity: warn
    references:
      chain_id, round_id, application_id: public.applications (chain_id, round_id, id)
*/
WITH distributions AS (
  SELECT
    round.chain_id,
    round.id AS round_id,
    round.match_amount_in_usd AS pool_in_usd,
    item.share,
    round.matching_distribution ->> 'blockTimestamp' AS block_timestamp,
    (item.share ->> 'matchPoolPercentage')::double precision AS stored_percentage
  FROM public.rounds AS round
  CROSS JOIN LATERAL jsonb_path_query(
    round.matching_distribution, '$.matchingDistribution[*] ? (@.type() == "object")'
  ) AS item (share)
),

shares AS (
  SELECT
    distribution.chain_id,
    distribution.round_id,
    distribution.share ->> 'projectId' AS project_id,
    distribution.share ->> 'projectName' AS project_name,
    distribution.share ->> 'applicationId' AS application_id,
    (distribution.share ->> 'contributionsCount')::numeric::integer AS contributions_count,
    (distribution.share ->> 'matchAmountInToken')::numeric AS match_amount_in_token,
    distribution.stored_percentage / coalesce(correction.divisor, 1)::double precision
      AS match_pool_percentage,
    distribution.share ->> 'projectPayoutAddress' AS project_payout_address,
    (distribution.share ->> 'originalMatchAmountInToken')::numeric AS original_match_amount_in_token,
    -- Published ids hold this figure as text: multiply before dividing, in double precision.
    distribution.stored_percentage * distribution.pool_in_usd::double precision
    / coalesce(correction.divisor, 1)::double precision AS match_amount_in_usd,
    CASE
      WHEN distribution.block_timestamp ~ '^[0-9]+([.][0-9]+)?$'
        THEN to_timestamp(distribution.block_timestamp::double precision)
      WHEN distribution.block_timestamp ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
        THEN distribution.block_timestamp::timestamptz
    END AS timestamp
  FROM distributions AS distribution
  LEFT JOIN reference.round_corrections AS correction
    ON
      distribution.round_id = correction.round_id
      AND distribution.chain_id = coalesce(correction.chain_id, distribution.chain_id)
      AND correction.field = 'matchPoolPercentage'
)

SELECT
  share.chain_id,
  share.round_id,
  fact.round_name,
  share.project_id,
  share.project_name,
  share.application_id,
  share.contributions_count,
  share.match_amount_in_token,
  share.match_pool_percentage,
  share.project_payout_address,
  share.original_match_amount_in_token,
  share.match_amount_in_usd,
  share.timestamp
FROM shares AS share
LEFT JOIN intermediate.round_facts AS fact
  ON
    share.chain_id = fact.chain_id
    AND share.round_id = fact.round_id
    AND fact.indexer = 'grants_stack'
