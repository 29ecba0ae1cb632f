-- error: :5: not readable as SQL
SELECT id
FROM public.rounds
WHERE
  chain_id = )
