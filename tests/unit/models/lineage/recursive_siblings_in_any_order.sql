-- expected: public.rounds
WITH RECURSIVE late AS (SELECT id FROM early), early AS (SELECT id FROM public.rounds)
SELECT id FROM late
