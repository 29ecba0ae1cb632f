SELECT
  encode(sha256(convert_to(
    signed.id_text || CASE WHEN signed.copy > 1 THEN '#' || (signed.copy - 1) ELSE '' END, 'UTF8'
  )), 'hex') AS donation_id,
  round_num, round_name, donor_address, amount_in_usd, recipient_address, timestamp, project_name,
  project_id, round_id, chain_id, source, transaction_hash
FROM (
  SELECT numbered.*, row_number() OVER (PARTITION BY id_text ORDER BY tie_break, project_name) AS copy
  FROM (
    SELECT
      everything.*,
      concat(
        round_num, donor_address, amount_in_usd, recipient_address, timestamp, project_id, round_id, chain_id
      ) AS id_text
    FROM (
      SELECT
        label.round_number AS round_num,
        round.round_metadata ->> 'name' AS round_name,
        donation.donor_address,
        donation.amount_in_usd,
        application.metadata #>> '{application,recipient}' AS recipient_address,
        donation.timestamp,
        application.metadata #>> '{application,project,title}' AS project_name,
        application.project_id,
        application.round_id,
        application.chain_id,
        'GrantsStack' AS source,
        donation.transaction_hash,
        donation.id AS tie_break
      FROM obvious.donations AS donation
      INNER JOIN obvious.applications AS application
        ON donation.chain_id = application.chain_id
        AND donation.round_id = application.round_id
        AND donation.application_id = application.id
      LEFT JOIN obvious.rounds AS round
        ON application.chain_id = round.chain_id AND lower(application.round_id) = round.id
      LEFT JOIN (
        SELECT chain_id, lower(round_id) AS round_id, min(round_number) AS round_number
        FROM public.program_round_labels
        GROUP BY chain_id, lower(round_id)
      ) AS label
        ON application.chain_id = label.chain_id AND lower(application.round_id) = label.round_id
      UNION ALL
      SELECT
        round_num, round_name, donor_address, amount_in_usd, recipient_address, timestamp, project_name,
        project_id, round_id, chain_id, source, transaction_hash, transaction_hash
      FROM obvious.static_donations
    ) AS everything
  ) AS numbered
) AS signed
