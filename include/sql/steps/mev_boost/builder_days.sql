/*
description: >
  Landed blocks of every builder over the slots of wanted_day (day, first_slot, end_slot; one row), by what
  they are signed with. A slot that several relays delivered counts once.
*/
SELECT
  payload.builder_pubkey,
  coalesce(block.extra_data, '') AS extra_data,
  count(DISTINCT payload.slot) AS blocks,
  (SELECT wanted_day.day FROM wanted_day) AS day
FROM mev_boost.payloads AS payload
INNER JOIN mev_boost.blocks AS block
  ON payload.block_number = block.number AND payload.block_hash = block.hash
WHERE
  payload.slot >= (SELECT wanted_day.first_slot FROM wanted_day)
  AND payload.slot < (SELECT wanted_day.end_slot FROM wanted_day)
GROUP BY payload.builder_pubkey, coalesce(block.extra_data, '')
