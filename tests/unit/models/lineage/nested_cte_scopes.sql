-- expected: public.donations, public.rounds
WITH outermost AS (
  WITH inner_one AS (SELECT id, round_id FROM public.donations)
  SELECT i.id, r.chain_id
  FROM inner_one AS i
  INNER JOIN public.rounds AS r ON r.id = i.round_id
)
SELECT o.id, (SELECT count(*) FROM outermost) AS total FROM outermost AS o
