/*
description: >
  Builders by public key with the name that most of their landed blocks are signed with, on days that are
  finished; blocks so signed, and all that landed. The name is empty where no known signature was seen.
*/
WITH named AS (
  SELECT DISTINCT
    days.extra_data,
    signature.builder_name
  FROM `$builder_days` AS days
  CROSS JOIN `$builder_signatures` AS signature
  WHERE strpos(lower(days.extra_data), lower(signature.signature)) > 0
),

signed AS (
  SELECT
    days.builder_pubkey,
    named.builder_name,
    sum(days.blocks) AS blocks
  FROM `$builder_days` AS days
  LEFT JOIN named ON days.extra_data = named.extra_data
  GROUP BY days.builder_pubkey, named.builder_name
)

SELECT
  signed.builder_pubkey,
  signed.builder_name,
  signed.blocks AS signed_blocks,
  sum(signed.blocks) OVER (PARTITION BY signed.builder_pubkey) AS landed_blocks
FROM signed
WHERE TRUE
QUALIFY row_number() OVER (
  PARTITION BY signed.builder_pubkey
  ORDER BY signed.builder_name IS NULL ASC, signed.blocks DESC, signed.builder_name ASC
) = 1
