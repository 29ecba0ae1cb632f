/*
description: All donations ever - Grants Stack with project and round, cGrants and the Alpha rounds.
unique_key: [donation_id]
indexes: [[project_id], [round_num]]
amount: amount_in_usd
timestamp: timestamp
grows: {with: public.donations, beside: [public.static_donations]}
columns:
  donation_id: "sha256 of the row's published text, see the SELECT; never changes once published."
  round_num: "Number of the program round, such as 20 for GG20; null for rounds outside the programs."
  round_name: "Name of the round."
  donor_address: "Who gave."
  amount_in_usd: "Amount in USD; real, because the published ids hold its text."
  recipient_address: "Payout address of the project, in the case the project gave."
  timestamp: "When it was given."
  project_name: "Title of the project."
  project_id: "Project in the registry, or the id of the cGrants grant."
  round_id: "Round, see public.rounds; 100000 + round number for cGrants, empty for the Alpha rounds."
  chain_id: "EIP-155 id of the chain; 0 where the checkout of cGrants does not tell."
  source: "GrantsStack, CGrants or Alpha."
  transaction_hash: "Transaction on the chain; null where unknown."
checks:
  - min_rows: 1
    not_null: [donation_id, chain_id, source]
    accepted_values: {source: [GrantsStack, CGrants, Alpha]}
  - severity: ask
    max_fall_pct: 1
    max_rise_pct: 25
    totals: {by: [source, chain_id], max_fall_pct: 1, max_rise_pct: 5, floor_rows: 10, floor_amount: 100}
*/
-- An unknown part and an empty one give the same text, so they number together.
-- Rows with the same text are numbered before titles and texts are joined to them: the sort then carries a
-- third of the bytes, and leaves the donations of a project side by side.
WITH numbered AS (
  SELECT
    title.title_id,
    donation.amount_in_usd,
    donation.timestamp,
    donation.transaction_hash,
    nullif(donation.donor_address, '') AS donor_address,
    row_number() OVER (
      PARTITION BY
        title.id_group, donation.timestamp, nullif(donation.donor_address, ''), donation.amount_in_usd
      ORDER BY donation.id
    ) - 1 AS copy
  FROM public.donations AS donation
  INNER JOIN intermediate.application_titles AS title
    ON
      donation.chain_id = title.chain_id
      AND donation.round_id = title.round_id
      AND donation.application_id = title.application_id
),

donations AS (
  SELECT
    title.round_num,
    title.round_name,
    numbered.donor_address,
    numbered.amount_in_usd,
    title.recipient_address,
    numbered.timestamp,
    title.project_name,
    title.project_id,
    title.round_id,
    title.chain_id,
    'GrantsStack' AS source,
    numbered.transaction_hash,
    numbered.copy
  FROM numbered
  INNER JOIN intermediate.application_titles AS title ON numbered.title_id = title.title_id
  UNION ALL
  SELECT
    static.round_num,
    static.round_name,
    static.donor_address,
    static.amount_in_usd,
    static.recipient_address,
    static.timestamp,
    static.project_name,
    static.project_id,
    static.round_id,
    static.chain_id,
    static.source,
    static.transaction_hash,
    row_number() OVER (
      PARTITION BY
        static.round_num, static.timestamp, coalesce(static.donor_address, ''), static.amount_in_usd,
        coalesce(static.recipient_address, ''), coalesce(static.project_id, ''),
        coalesce(static.round_id, ''), static.chain_id
      ORDER BY static.transaction_hash, static.project_name, static.round_name
    ) - 1 AS copy
  FROM public.static_donations AS static
),

identified AS (
  SELECT
    donation.*,
    encode(
      sha256(
        convert_to(
          -- Published so: no separator, an unknown part is empty, time in UTC; equal rows get #1, #2, ...
          concat(
            donation.round_num, donation.donor_address, donation.amount_in_usd, donation.recipient_address,
            (donation.timestamp AT TIME ZONE 'UTC')::text || '+00',
            donation.project_id, donation.round_id, donation.chain_id,
            '#' || nullif(donation.copy, 0)
          ),
          'UTF8'
        )
      ),
      'hex'
    ) AS donation_id
  FROM donations AS donation
)

SELECT
  identified.donation_id,
  identified.round_num,
  identified.round_name,
  identified.donor_address,
  identified.amount_in_usd,
  identified.recipient_address,
  identified.timestamp,
  identified.project_name,
  identified.project_id,
  identified.round_id,
  identified.chain_id,
  identified.source,
  identified.transaction_hash
FROM identified
