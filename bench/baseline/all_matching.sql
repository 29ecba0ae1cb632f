SELECT
  encode(sha256(convert_to(
    numbered.id_text || CASE WHEN numbered.copy > 1 THEN '#' || (numbered.copy - 1) ELSE '' END, 'UTF8'
  )), 'hex') AS matching_id,
  round_num, title, match_amount_in_usd, recipient_address, project_id, round_id, chain_id, timestamp
FROM (
  SELECT signed.*, row_number() OVER (PARTITION BY id_text ORDER BY round_num, timestamp) AS copy
  FROM (
    SELECT
      everything.*,
      concat(
        id_prefix, title, match_amount_in_usd, recipient_address, project_id, round_id, chain_id
      ) AS id_text
    FROM (
      SELECT
        label.round_number AS round_num, project_name AS title, match_amount_in_usd,
        project_payout_address AS recipient_address, project_id, matching.round_id, matching.chain_id,
        timestamp, '' AS id_prefix
      FROM obvious.indexer_matching AS matching
      LEFT JOIN (
        SELECT chain_id, lower(round_id) AS round_id, min(round_number) AS round_number
        FROM public.program_round_labels
        GROUP BY chain_id, lower(round_id)
      ) AS label
        ON matching.chain_id = label.chain_id AND lower(matching.round_id) = label.round_id
      UNION ALL
      SELECT
        round_num, title, match_amount_usd, payoutaddress, project_id, round_id, chain_id, timestamp,
        round_num::text
      FROM obvious.static_matching
    ) AS everything
  ) AS signed
) AS numbered
