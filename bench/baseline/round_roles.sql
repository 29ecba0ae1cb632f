SELECT
  chain_id, round_id, address, role, created_at_block, source
FROM (
  SELECT both_sources.*, row_number() OVER (PARTITION BY chain_id, round_id, address, role ORDER BY source) AS row_number
  FROM (
    SELECT live.*, 'indexer' AS source FROM obvious_indexer.round_roles AS live
    UNION ALL
    SELECT archived.*, 'static' AS source FROM static_indexer_chain_data_75.round_roles AS archived
  ) AS both_sources
  WHERE chain_id <> 11155111
) AS ranked
WHERE row_number = 1
