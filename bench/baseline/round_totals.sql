SELECT
  label.program,
  CASE round.strategy_name
    WHEN 'allov2.DirectAllocationStrategy' THEN 'Direct Donations Round'
    ELSE round.round_metadata ->> 'name'
  END AS "Name",
  coalesce(round.total_amount_donated_in_usd, 0)::double precision + money.matching AS "Total USD",
  coalesce(round.total_amount_donated_in_usd, 0)::double precision AS "Crowdfunding USD",
  money.matching AS "Matching USD",
  coalesce(round.total_donations_count, 0) AS "Donations",
  coalesce(round.unique_donors_count, 0) AS "Donors",
  coalesce(
    round.total_amount_donated_in_usd::double precision / nullif(round.unique_donors_count, 0), 0
  ) AS "Avg Donor Contribution",
  chain.name AS "Chain",
  coalesce(
    direct.last_donation,
    CASE
      WHEN round.strategy_name IS DISTINCT FROM 'allov2.DirectAllocationStrategy'
        THEN coalesce(round.donations_end_time, payout.last_payout)
    END,
    round.applications_start_time
  ) AS "Indexed Time",
  CASE coalesce(nullif(round.strategy_name, ''), 'allov1.QF')
    WHEN 'allov1.QF' THEN 'Allo QF'
    WHEN 'allov2.DonationVotingMerkleDistributionDirectTransferStrategy' THEN 'Allo QF'
    WHEN 'allov1.Direct' THEN 'Direct Grants'
    WHEN 'allov2.DirectGrantsLiteStrategy' THEN 'Direct Grants'
    WHEN 'allov2.DirectAllocationStrategy' THEN 'Direct Donations'
    ELSE round.strategy_name
  END AS "Strategy",
  round.chain_id::text AS "Chain ID",
  round.id AS "Round ID"
FROM obvious.rounds AS round
LEFT JOIN (
  SELECT chain_id, round_id, sum(amount_in_usd::double precision) AS paid, max(timestamp) AS last_payout
  FROM obvious.applications_payouts
  GROUP BY chain_id, round_id
) AS payout ON round.chain_id = payout.chain_id AND round.id = payout.round_id
LEFT JOIN (
  SELECT donation.chain_id, donation.round_id, max(donation.timestamp) AS last_donation
  FROM obvious.donations AS donation
  INNER JOIN obvious.rounds AS direct_round
    ON donation.chain_id = direct_round.chain_id AND donation.round_id = direct_round.id
  WHERE direct_round.strategy_name = 'allov2.DirectAllocationStrategy'
  GROUP BY donation.chain_id, donation.round_id
) AS direct ON round.chain_id = direct.chain_id AND round.id = direct.round_id
CROSS JOIN LATERAL (
  SELECT coalesce(
    CASE WHEN round.matching_distribution IS NOT NULL THEN round.match_amount_in_usd ELSE payout.paid END, 0
  ) AS matching
) AS money
LEFT JOIN reference.chains AS chain ON round.chain_id = chain.chain_id
LEFT JOIN (
  SELECT DISTINCT ON (chain_id, lower(round_id)) chain_id, lower(round_id) AS round_id, program
  FROM public.program_round_labels
  WHERE round_id NOT IN (
    '0x40511f88b87b69496a3471cdbe1d3d25ac68e408', '0xb5c0939a9bb0c404b028d402493b86d9998af55e',
    '0xc08008d47e3deb10b27fc1a75a96d97d11d58cf8', '0x911ae126be7d88155aa9254c91a49f4d85b83688'
  )
  ORDER BY chain_id, lower(round_id), round_number, program
) AS label ON round.chain_id = label.chain_id AND lower(round.id) = label.round_id
WHERE
  round.donations_end_time >= timestamptz '2024-01-01 00:00:00+00'
  OR round.applications_start_time >= timestamptz '2024-01-01 00:00:00+00'
  OR round.strategy_name = 'allov2.DirectAllocationStrategy'
UNION ALL
SELECT
  label.program, round.round_metadata ->> 'name', coalesce(money.given, 0), coalesce(money.given, 0), 0,
  coalesce(money.donations, 0), coalesce(money.donors, 0), coalesce(money.given / nullif(money.donors, 0), 0),
  chain.name, round.donations_end_time,
  CASE coalesce(nullif(round.strategy_name, ''), 'allov1.QF')
    WHEN 'allov2.MACIQF' THEN 'MACI QF' WHEN 'allov1.QF' THEN 'Allo QF' ELSE round.strategy_name
  END,
  round.chain_id::text, round.id
FROM obvious_maci.rounds AS round
LEFT JOIN (
  SELECT
    chain_id, round_id,
    (sum(voice_credit_balance) / 100000 * 3000)::double precision AS given,
    count(DISTINCT transaction_hash) AS donations, count(DISTINCT contributor_address) AS donors
  FROM obvious_maci.contributions
  GROUP BY chain_id, round_id
) AS money ON round.chain_id = money.chain_id AND round.id = money.round_id
LEFT JOIN reference.chains AS chain ON round.chain_id = chain.chain_id
LEFT JOIN (
  SELECT DISTINCT ON (chain_id, lower(round_id)) chain_id, lower(round_id) AS round_id, program
  FROM public.program_round_labels
  ORDER BY chain_id, lower(round_id), round_number, program
) AS label ON round.chain_id = label.chain_id AND lower(round.id) = label.round_id
WHERE round.chain_id <> 11155111
UNION ALL
SELECT
  NULL, "desc", amount_in_usd, 0, amount_in_usd, 0, 0, 0, network_name, timestamp, strategy_name, '0', '0'
FROM public."AlloRoundsOutsideIndexer"
WHERE timestamp <= current_timestamp
