SELECT
  id, chain_id, application_id, round_id, amount, token_address, amount_in_usd,
  amount_in_round_match_token, transaction_hash, timestamp, sender, source
FROM (
  SELECT both_sources.*, row_number() OVER (PARTITION BY id ORDER BY source) AS row_number
  FROM (
    SELECT live.*, 'indexer' AS source FROM obvious_indexer.applications_payouts AS live
    UNION ALL
    SELECT archived.*, 'static' AS source FROM static_indexer_chain_data_75.applications_payouts AS archived
  ) AS both_sources
  WHERE chain_id <> 11155111
) AS ranked
WHERE row_number = 1
