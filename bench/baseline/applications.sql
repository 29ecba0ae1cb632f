SELECT
  id, chain_id, round_id, project_id, anchor_address, status, status_snapshots,
  distribution_transaction, metadata_cid, metadata, created_by_address, created_at_block,
  status_updated_at_block, total_donations_count, total_amount_donated_in_usd, unique_donors_count,
  tags, source
FROM (
  SELECT both_sources.*, row_number() OVER (PARTITION BY id, chain_id, round_id ORDER BY source) AS row_number
  FROM (
    SELECT live.*, 'indexer' AS source FROM obvious_indexer.applications AS live
    UNION ALL
    SELECT archived.*, 'static' AS source FROM static_indexer_chain_data_75.applications AS archived
  ) AS both_sources
  WHERE chain_id <> 11155111
) AS ranked
WHERE row_number = 1
