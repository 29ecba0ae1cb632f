/*
description: What other views need to know of a round, taken from its JSON once; rounds of both indexers.
unique_key: [indexer, chain_id, round_id]
columns:
  indexer: "grants_stack or maci."
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  donations_end_time: "Donations close."
  round_name: "Name in the round metadata."
  strategy_name: "Allocation strategy; MACIQF for MACI rounds, which is what Dune calls them."
  round_no: "Number of the row, a narrow key; another one in every build."
checks: {min_rows: 1, not_null: [round_no, indexer, chain_id, round_id, strategy_name]}
*/
WITH facts AS (
  SELECT
    'grants_stack' AS indexer,
    round.chain_id,
    round.id AS round_id,
    round.donations_end_time,
    round.round_metadata ->> 'name' AS round_name,
    -- The oldest rounds leave the strategy empty.
    coalesce(nullif(round.strategy_name, ''), 'allov1.QF') AS strategy_name
  FROM public.rounds AS round
  UNION ALL
  SELECT
    'maci' AS indexer,
    maci_round.chain_id,
    maci_round.id AS round_id,
    maci_round.donations_end_time,
    maci_round.round_metadata ->> 'name' AS round_name,
    'MACIQF' AS strategy_name
  FROM landing.maci_rounds AS maci_round
  WHERE NOT EXISTS (
    SELECT 1 FROM reference.chains AS test_chain
    WHERE test_chain.chain_id = maci_round.chain_id AND test_chain.is_test
  )
)

SELECT
  fact.indexer,
  fact.chain_id,
  fact.round_id,
  fact.donations_end_time,
  fact.round_name,
  fact.strategy_name,
  row_number() OVER (ORDER BY fact.indexer, fact.chain_id, fact.round_id)::integer AS round_no
FROM facts AS fact
