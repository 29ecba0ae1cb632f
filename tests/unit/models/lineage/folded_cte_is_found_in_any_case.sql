-- expected: public.rounds
WITH Labels AS (SELECT id FROM public.rounds)
SELECT LABELS.id FROM "labels"
