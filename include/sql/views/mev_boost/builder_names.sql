/*
description: >
  Builders by public key with the name that most of their landed blocks are signed with, on days that are
  finished; blocks so signed, and all that landed. The name is empty where no known signature was seen.
columns:
  builder_name: "Name most of its landed blocks are signed with; NULL where no known signature was seen."
  signed_blocks: "Landed blocks so signed."
  landed_blocks: "All blocks that landed."
*/
WITH signed AS (
  SELECT
    days.builder_pubkey,
    signature.builder_name,
    sum(days.blocks) AS blocks
  FROM mev_boost.builder_days AS days
  LEFT JOIN mev_boost.builder_signatures AS signature
    ON position(lower(signature.signature) IN lower(days.extra_data)) > 0
  GROUP BY days.builder_pubkey, signature.builder_name
)

SELECT DISTINCT ON (signed.builder_pubkey)
  signed.builder_pubkey,
  signed.builder_name,
  signed.blocks AS signed_blocks,
  sum(signed.blocks) OVER (PARTITION BY signed.builder_pubkey) AS landed_blocks
FROM signed
ORDER BY
  signed.builder_pubkey ASC,
  signed.builder_name IS NULL ASC,
  signed.blocks DESC,
  signed.builder_name ASC
