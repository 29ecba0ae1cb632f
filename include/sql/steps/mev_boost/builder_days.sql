/*
description: >
  Landed blocks of every builder over a UTC day, by what they are signed with: wanted_day, its day_payloads
  and its day_blocks, as each warehouse defines them. A slot that several relays delivered counts once.
*/
SELECT
  payload.builder_pubkey,
  coalesce(block.extra_data, '') AS extra_data,
  count(DISTINCT payload.slot) AS blocks,
  (SELECT wanted_day.day FROM wanted_day) AS day
FROM day_payloads AS payload
INNER JOIN day_blocks AS block
  ON payload.block_number = block.number AND payload.block_hash = block.hash
GROUP BY payload.builder_pubkey, coalesce(block.extra_data, '')
