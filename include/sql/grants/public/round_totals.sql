/*
description: >
  Money and people per round - Grants Stack since 2024 and all direct donations, MACI, and the rounds kept
  in a sheet. A round of the sheet counts from its time on, so this view reads the clock.
amount: '"Total USD"'
columns:
  program: "Program, such as GG20; null for rounds outside the programs."
  Name: "Name of the round."
  Total USD: "Crowdfunding and matching together."
  Crowdfunding USD: "Given by donors."
  Matching USD: "Matching pool once distributed, or what direct grants paid out."
  Donations: "Number of donations."
  Donors: "Number of different donors."
  Avg Donor Contribution: "Crowdfunding per donor; 0 without donors."
  Chain: "Display name of the chain."
  Indexed Time: "End of donations, else last payout, else start of applications; direct donations: the last."
  Strategy: "Allo QF, Direct Grants, Direct Donations, MACI QF, or the strategy's own name."
  Chain ID: "EIP-155 id of the chain as text; 0 for rounds of the sheet."
  Round ID: "Round, see public.rounds; 0 for rounds of the sheet."
checks:
  - min_rows: 1
    range:
      Total USD: {min: 0, max: 1000000000}
      Crowdfunding USD: {min: 0}
      Matching USD: {min: 0}
      Donations: {min: 0}
      Donors: {min: 0}
      Indexed Time: {max: 2100-01-01}
  - severity: ask
    max_fall_pct: 5
    max_rise_pct: 50
    totals: {by: [Chain, Strategy], max_fall_pct: 10, floor_amount: 1000}
*/
WITH payouts AS (
  SELECT
    payout.chain_id,
    payout.round_id,
    sum(payout.amount_in_usd::double precision) AS paid_in_usd,
    max(payout.timestamp) AS last_payout
  FROM public.applications_payouts AS payout
  GROUP BY payout.chain_id, payout.round_id
),

-- A pool of direct donations never ends: its time is that of its last donation.
last_direct_donations AS (
  SELECT
    round.chain_id,
    round.id AS round_id,
    donation.last_donation
  FROM public.rounds AS round
  CROSS JOIN
    LATERAL (
      -- Few rounds are such pools: theirs are found through the index, and the others are not read. The last
      -- donation up to the end of the round's part of the index is one step in each part of the relation;
      -- asked for its maximum, the planner reads small parts as a whole for every round.
      SELECT
        given.chain_id,
        given.round_id,
        given.timestamp AS last_donation
      FROM public.donations AS given
      WHERE
        (given.chain_id, given.round_id, given.timestamp)
        <= (round.chain_id, round.id, timestamptz 'infinity')
      ORDER BY given.chain_id DESC, given.round_id DESC, given.timestamp DESC
      LIMIT 1
    ) AS donation
  WHERE
    round.strategy_name = 'allov2.DirectAllocationStrategy'
    AND round.chain_id = donation.chain_id
    AND round.id = donation.round_id
),

-- 100,000 voice credits cost 3,000 USD.
maci_contributions AS (
  SELECT
    contribution.chain_id,
    contribution.round_id,
    (sum(contribution.voice_credit_balance) / 100000 * 3000)::double precision AS crowdfunding,
    count(DISTINCT contribution.transaction_hash) AS donations,
    count(DISTINCT contribution.contributor_address) AS donors
  FROM landing.maci_contributions AS contribution
  GROUP BY contribution.chain_id, contribution.round_id
),

totals AS (
  SELECT
    round.chain_id,
    round.id AS round_id,
    coalesce(nullif(round.strategy_name, ''), 'allov1.QF') AS strategy_name,
    CASE
      WHEN round.strategy_name = 'allov2.DirectAllocationStrategy' THEN 'Direct Donations Round'
      ELSE round.round_metadata ->> 'name'
    END AS round_name,
    coalesce(round.total_amount_donated_in_usd, 0)::double precision AS crowdfunding,
    coalesce(
      CASE
        WHEN round.matching_distribution IS NOT NULL THEN round.match_amount_in_usd
        ELSE payout.paid_in_usd
      END,
      0
    ) AS matching,
    coalesce(round.total_donations_count, 0) AS donations,
    coalesce(round.unique_donors_count, 0) AS donors,
    coalesce(
      direct.last_donation,
      CASE
        WHEN round.strategy_name IS DISTINCT FROM 'allov2.DirectAllocationStrategy'
          THEN coalesce(round.donations_end_time, payout.last_payout)
      END,
      round.applications_start_time
    ) AS indexed_time
  FROM public.rounds AS round
  LEFT JOIN payouts AS payout
    ON
      round.chain_id = payout.chain_id
      AND round.id = payout.round_id
  LEFT JOIN last_direct_donations AS direct
    ON
      round.chain_id = direct.chain_id
      AND round.id = direct.round_id
  WHERE
    round.donations_end_time >= timestamptz '2024-01-01 00:00:00+00'
    OR round.applications_start_time >= timestamptz '2024-01-01 00:00:00+00'
    OR round.strategy_name = 'allov2.DirectAllocationStrategy'
  UNION ALL
  SELECT
    round.chain_id,
    round.id AS round_id,
    round.strategy_name,
    round.round_metadata ->> 'name' AS round_name,
    coalesce(contribution.crowdfunding, 0) AS crowdfunding,
    0 AS matching,
    coalesce(contribution.donations, 0) AS donations,
    coalesce(contribution.donors, 0) AS donors,
    round.donations_end_time AS indexed_time
  FROM landing.maci_rounds AS round
  LEFT JOIN maci_contributions AS contribution
    ON
      round.chain_id = contribution.chain_id
      AND round.id = contribution.round_id
  WHERE NOT EXISTS (
    SELECT 1 FROM reference.chains AS test_chain
    WHERE test_chain.chain_id = round.chain_id AND test_chain.is_test
  )
),

labels AS (
  SELECT
    label.chain_id,
    label.round_id,
    label.program
  FROM intermediate.round_labels AS label
  WHERE NOT EXISTS (
    SELECT 1 FROM reference.excluded_rounds AS excluded
    WHERE
      excluded.relation = 'round_totals.program'
      AND excluded.round_id = label.round_id
      AND coalesce(excluded.chain_id, label.chain_id) = label.chain_id
  )
)

SELECT
  label.program,
  total.round_name AS "Name",
  total.crowdfunding + total.matching AS "Total USD",
  total.crowdfunding AS "Crowdfunding USD",
  total.matching AS "Matching USD",
  total.donations AS "Donations",
  total.donors AS "Donors",
  coalesce(total.crowdfunding / nullif(total.donors, 0), 0) AS "Avg Donor Contribution",
  chain.name AS "Chain",
  total.indexed_time AS "Indexed Time",
  CASE
    WHEN total.strategy_name IN ('allov1.QF', 'allov2.DonationVotingMerkleDistributionDirectTransferStrategy')
      THEN 'Allo QF'
    WHEN total.strategy_name IN ('allov1.Direct', 'allov2.DirectGrantsLiteStrategy') THEN 'Direct Grants'
    WHEN total.strategy_name = 'allov2.DirectAllocationStrategy' THEN 'Direct Donations'
    WHEN total.strategy_name = 'allov2.MACIQF' THEN 'MACI QF'
    ELSE total.strategy_name
  END AS "Strategy",
  total.chain_id::text AS "Chain ID",
  total.round_id AS "Round ID"
FROM totals AS total
LEFT JOIN reference.chains AS chain ON total.chain_id = chain.chain_id
LEFT JOIN labels AS label
  ON
    total.chain_id = label.chain_id
    AND lower(total.round_id) = label.round_id
UNION ALL
SELECT
  NULL AS program,
  outside."desc" AS "Name",
  outside.amount_in_usd AS "Total USD",
  0 AS "Crowdfunding USD",
  outside.amount_in_usd AS "Matching USD",
  0 AS "Donations",
  0 AS "Donors",
  0 AS "Avg Donor Contribution",
  outside.network_name AS "Chain",
  outside.timestamp AS "Indexed Time",
  outside.strategy_name AS "Strategy",
  '0' AS "Chain ID",
  '0' AS "Round ID"
FROM public."AlloRoundsOutsideIndexer" AS outside
WHERE outside.timestamp <= current_timestamp
