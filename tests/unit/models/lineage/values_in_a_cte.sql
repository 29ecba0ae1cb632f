-- expected: public.rounds
WITH fact (chain_id, label) AS (VALUES (1, 'Allo QF'))
SELECT r.id, fact.label FROM public.rounds AS r INNER JOIN fact ON r.chain_id = fact.chain_id
