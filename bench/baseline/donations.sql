SELECT
  id, chain_id, round_id, application_id, donor_address, recipient_address, project_id,
  transaction_hash, block_number, token_address, timestamp, amount, amount_in_usd,
  amount_in_round_match_token, source
FROM (
  SELECT both_sources.*, row_number() OVER (PARTITION BY id ORDER BY source) AS row_number
  FROM (
    SELECT live.*, 'indexer' AS source FROM obvious_indexer.donations AS live
    UNION ALL
    SELECT archived.*, 'static' AS source FROM static_indexer_chain_data_75.donations AS archived
  ) AS both_sources
  WHERE chain_id <> 11155111
) AS ranked
WHERE row_number = 1
