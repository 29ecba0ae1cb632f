/*
description: Program and round number of a round; one row per round, although the sheet may name one twice.
unique_key: [chain_id, round_id]
columns:
  chain_id: "EIP-155 id of the chain."
  round_number: "Number of the program round, such as 20 for GG20; the lowest the sheet gives."
  program: "Program, such as GG20."
  round_id: "Round, lower case."
checks: {not_null: [chain_id, round_id, round_number]}
*/
SELECT DISTINCT ON (label.chain_id, lower(label.round_id))
  label.chain_id,
  label.round_number,
  label.program,
  lower(label.round_id) AS round_id
FROM public.program_round_labels AS label
WHERE
  label.round_number IS NOT NULL
  AND label.chain_id IS NOT NULL
  AND label.round_id IS NOT NULL
ORDER BY label.chain_id, lower(label.round_id), label.round_number, label.program
