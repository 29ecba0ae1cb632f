-- What a round manager uploads three weeks after the round: each application's part of the pool.
CREATE TEMPORARY TABLE matching_distributions ON COMMIT DROP AS
WITH due AS (
  SELECT
    round.*,
    round.last_donation_at + INTERVAL '21 days' AS paid_at
  FROM staged_rounds AS round
  INNER JOIN version_heads USING (chain_id)
  WHERE round.last_donation_at + INTERVAL '21 days' <= version_heads.head
),

parts AS (
  SELECT
    due.round_no,
    application.application_no,
    totals.donations,
    round(totals.usd / nullif(sum(totals.usd) OVER (PARTITION BY due.round_no), 0), 6)
    * CASE WHEN due.matching = 'inflated' THEN 1000000000000 ELSE 1 END AS percentage,
    trunc(
      totals.usd / nullif(sum(totals.usd) OVER (PARTITION BY due.round_no), 0)
      * due.match_amount_in_usd::numeric * 1000000 * pg_temp.units_per_micro(due.round_no)
    ) AS tokens
  FROM due
  INNER JOIN staged_applications AS application USING (round_no)
  INNER JOIN donation_totals AS totals
    ON due.chain_id = totals.chain_id AND due.id = totals.round_id AND application.id = totals.application_id
  WHERE due.matching IN ('real', 'timed', 'timed_text', 'inflated')
),

lists AS (
  SELECT
    parts.round_no,
    jsonb_agg(jsonb_build_object(
      'projectId', application.project_id,
      'projectName', application.metadata #>> '{{application,project,title}}',
      'applicationId', application.id,
      'contributionsCount', parts.donations,
      'matchAmountInToken', parts.tokens::text,
      'matchPoolPercentage', parts.percentage,
      'projectPayoutAddress', application.recipient,
      'originalMatchAmountInToken', parts.tokens::text
    ) ORDER BY parts.application_no) AS elements
  FROM parts
  INNER JOIN staged_applications AS application USING (application_no)
  WHERE parts.percentage IS NOT NULL
  GROUP BY parts.round_no
)

SELECT
  due.round_no,
  CASE
    WHEN due.matching = 'given' THEN due.matching_distribution
    ELSE jsonb_strip_nulls(jsonb_build_object(
      'blockTimestamp',
      CASE due.matching
        WHEN 'timed' THEN to_jsonb(extract(EPOCH FROM due.paid_at)::bigint)
        WHEN 'timed_text' THEN to_jsonb(to_char(due.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
      END
    )) || jsonb_build_object('matchingDistribution', coalesce(lists.elements, '[]'::jsonb))
  END AS distribution
FROM due
LEFT JOIN lists USING (round_no)
WHERE due.matching <> 'null'
