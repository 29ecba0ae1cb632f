INSERT INTO applications (
  id, chain_id, round_id, project_id, anchor_address, status, status_snapshots, distribution_transaction,
  metadata_cid, metadata, created_by_address, created_at_block, status_updated_at_block,
  total_donations_count, total_amount_donated_in_usd, unique_donors_count, tags
)
SELECT
  application.id,
  round.chain_id,
  round.id AS round_id,
  application.project_id,
  CASE WHEN length(round.id) < 42 THEN '0x' || right(application.project_id, 40) END AS anchor_address,
  application.status::application_status AS status,
  jsonb_build_array(jsonb_build_object(
    'status', application.status,
    'updatedAt', to_char(application.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'statusUpdatedAtBlock', pg_temp.block_at(round.chain_id, application.created_at)::text
  )) AS status_snapshots,
  NULL AS distribution_transaction,
  'bafkrei' || left(pg_temp.digest('application', application.application_no), 52) AS metadata_cid,
  application.metadata,
  lower(application.recipient) AS created_by_address,
  pg_temp.block_at(round.chain_id, application.created_at) AS created_at_block,
  pg_temp.block_at(round.chain_id, application.created_at) + 1000 AS status_updated_at_block,
  coalesce(totals.donations, 0) AS total_donations_count,
  coalesce(totals.usd, 0)::real AS total_amount_donated_in_usd,
  coalesce(totals.donors, 0) AS unique_donors_count,
  CASE application.application_no % 3
    WHEN 0 THEN ARRAY['allo-v2']
    WHEN 1 THEN ARRAY['grants "stack"', 'a, b', 'it''s']
  END AS tags
FROM staged_applications AS application
INNER JOIN staged_rounds AS round USING (round_no)
INNER JOIN version_heads ON round.chain_id = version_heads.chain_id
LEFT JOIN donation_totals AS totals
  ON round.chain_id = totals.chain_id
  AND round.id = totals.round_id
  AND application.id = totals.application_id
WHERE (NOT round.archive_only OR {with_archive}) AND application.created_at <= version_heads.head
