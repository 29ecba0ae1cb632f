/*
description: >
  What include/sql/steps/mev_boost/builder_days.sql computes, of one UTC day (@day), for BigQuery, whose table
  of blocks has extra data in hexadecimal digits: what of it is text is kept, as where blocks are landed.
*/
WITH block AS (
  SELECT
    blocks.number,
    blocks.hash AS block_hash,
    regexp_replace(
      safe_convert_bytes_to_string(from_hex(substr(blocks.extra_data, 3))),
      r'[\pC\p{Zl}\p{Zp}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}\x{fffd}]', ''
    ) AS extra_data
  FROM `$blocks` AS blocks
  WHERE blocks.timestamp BETWEEN @blocks_from AND @blocks_until
)

SELECT
  payload.builder_pubkey,
  @day AS day,
  coalesce(block.extra_data, '') AS extra_data,
  count(DISTINCT payload.slot) AS blocks
FROM `$payloads` AS payload
INNER JOIN block
  ON payload.block_number = block.number AND payload.block_hash = block.block_hash
WHERE payload.day = @day
GROUP BY payload.builder_pubkey, coalesce(block.extra_data, '')
