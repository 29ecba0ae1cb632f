SELECT
  round.chain_id,
  round.id AS round_id,
  round.round_metadata ->> 'name' AS round_name,
  item ->> 'projectId' AS project_id,
  item ->> 'projectName' AS project_name,
  item ->> 'applicationId' AS application_id,
  (item ->> 'contributionsCount')::numeric::integer AS contributions_count,
  (item ->> 'matchAmountInToken')::numeric AS match_amount_in_token,
  (item ->> 'matchPoolPercentage')::double precision / scale.divisor AS match_pool_percentage,
  item ->> 'projectPayoutAddress' AS project_payout_address,
  (item ->> 'originalMatchAmountInToken')::numeric AS original_match_amount_in_token,
  (item ->> 'matchPoolPercentage')::double precision * round.match_amount_in_usd::double precision
  / scale.divisor AS match_amount_in_usd,
  CASE
    WHEN round.matching_distribution ->> 'blockTimestamp' ~ '^[0-9]+([.][0-9]+)?$'
      THEN to_timestamp((round.matching_distribution ->> 'blockTimestamp')::double precision)
    WHEN round.matching_distribution ->> 'blockTimestamp' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
      THEN (round.matching_distribution ->> 'blockTimestamp')::timestamptz
  END AS timestamp
FROM obvious.rounds AS round
CROSS JOIN LATERAL jsonb_path_query(
  round.matching_distribution, '$.matchingDistribution[*] ? (@.type() == "object")'
) AS item
CROSS JOIN LATERAL (
  SELECT CASE round.id
    WHEN '0xa1d52f9b5339792651861329a046dd912761e9a9' THEN 1000000000000.0::double precision
    ELSE 1
  END AS divisor
) AS scale
