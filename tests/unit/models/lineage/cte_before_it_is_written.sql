-- error: :2: 'later' is no CTE in this scope
WITH sooner AS (SELECT id FROM later),
later AS (SELECT id FROM public.rounds)
SELECT id FROM sooner
