/*
description: All donations ever - Grants Stack with project and round, cGrants and the Alpha rounds.
unique_key: [donation_id]
indexes: [[round_num], [chain_id, round_id], [project_id]]
amount: amount_in_usd
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
checks: {min_rows: 1, not_null: [donation_id, chain_id, source], max_fall_pct: 1}
*/
WITH donations AS (
  SELECT
    title.round_num,
    title.round_name,
    donation.donor_address,
    donation.amount_in_usd,
    title.recipient_address,
    donation.timestamp,
    title.project_name,
    title.project_id,
    title.round_id,
    title.chain_id,
    'GrantsStack' AS source,
    donation.transaction_hash,
    donation.id AS tie_break
  FROM public.donations AS donation
  INNER JOIN intermediate.application_titles AS title
    ON
      donation.chain_id = title.chain_id
      AND donation.round_id = title.round_id
      AND donation.application_id = title.application_id
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
    static.transaction_hash AS tie_break
  FROM public.static_donations AS static
),

hashed AS (
  SELECT
    donation.*,
    sha256(
      convert_to(
        concat(
          donation.round_num, donation.donor_address, donation.amount_in_usd, donation.recipient_address,
          (donation.timestamp AT TIME ZONE 'UTC')::text || '+00',
          donation.project_id, donation.round_id, donation.chain_id
        ),
        'UTF8'
      )
    ) AS digest
  FROM donations AS donation
),

-- Numbered by digest, not by text: the sort then carries 32 bytes instead of some 200 per row.
numbered AS (
  SELECT
    hashed.*,
    row_number() OVER (
      PARTITION BY hashed.digest
      ORDER BY hashed.tie_break, hashed.project_name, hashed.round_name
    ) - 1 AS copy
  FROM hashed
),

identified AS (
  SELECT
    numbered.*,
    encode(
      CASE
        WHEN numbered.copy = 0 THEN numbered.digest
        ELSE sha256(
          convert_to(
            concat(
              numbered.round_num, numbered.donor_address, numbered.amount_in_usd, numbered.recipient_address,
              (numbered.timestamp AT TIME ZONE 'UTC')::text || '+00',
              numbered.project_id, numbered.round_id, numbered.chain_id,
              '#', numbered.copy
            ),
            'UTF8'
          )
        )
      END,
      'hex'
    ) AS donation_id
  FROM numbered
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
