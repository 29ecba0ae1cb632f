-- expected: public.rounds
SELECT r.id, fact.label
FROM (VALUES (1, 'Allo QF'), (10, 'Direct Grants')) AS fact (chain_id, label)
INNER JOIN public.rounds AS r ON r.chain_id = fact.chain_id
