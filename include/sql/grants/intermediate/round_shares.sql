/*
description: Who shares in the volume of a round, and over how many it is split evenly, per role.
unique_key: [round_no, role, address]
columns:
  round_no: "Round, see intermediate.round_facts."
  role: "round_operator (managers and admins, each counted once) or contract_dev (authors of the strategy)."
  address: "Address, lower case."
  sharers: "Number of addresses with this role in this round."
checks: {not_null: [round_no, role, address, sharers]}
*/
WITH sharers AS (
  SELECT
    fact.round_no,
    'round_operator' AS role,
    lower(round_role.address) AS address
  FROM intermediate.round_facts AS fact
  INNER JOIN public.round_roles AS round_role
    ON
      fact.chain_id = round_role.chain_id
      AND fact.round_id = round_role.round_id
  UNION
  SELECT
    fact.round_no,
    'contract_dev' AS role,
    lower(developer.address) AS address
  FROM intermediate.round_facts AS fact
  INNER JOIN reference.strategy_developers AS developer
    ON
      fact.chain_id = developer.chain_id
      AND fact.strategy_name = developer.strategy_name
)

SELECT
  sharer.round_no,
  sharer.role,
  sharer.address,
  count(*) OVER (PARTITION BY sharer.round_no, sharer.role) AS sharers
FROM sharers AS sharer
WHERE
  sharer.address <> ''
  AND sharer.address <> '0x0000000000000000000000000000000000000000'
