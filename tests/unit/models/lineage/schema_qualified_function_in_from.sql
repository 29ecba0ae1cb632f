-- expected: public.rounds
SELECT f.id FROM reference.active_chains(1) AS f INNER JOIN public.rounds AS r ON r.id = f.id
