-- error: :2: a model file holds exactly one SELECT
SELECT 1 FROM public.rounds;
SELECT 2 FROM public.rounds
