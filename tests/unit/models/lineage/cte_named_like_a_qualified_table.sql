-- expected: public.seeds, landing.grants
WITH grants AS (SELECT id FROM public.seeds)
SELECT g.id FROM landing.grants AS g INNER JOIN grants ON grants.id = g.id
