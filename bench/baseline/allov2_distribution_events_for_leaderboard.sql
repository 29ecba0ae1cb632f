SELECT
  ranked.*,
  encode(sha256(convert_to(concat(
    to_char(tx_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || ' UTC',
    tx_hash, address, gmv, role, row_number
  ), 'UTF8')), 'hex') AS event_signature
FROM (
  SELECT event.*, row_number() OVER (
    ORDER BY tx_timestamp, role, address, gmv, tx_hash, blockchain, strategy_name
  ) AS row_number
  FROM landing.dune_allo_v2_distribution_events AS event
) AS ranked
