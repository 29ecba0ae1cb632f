-- expected: public.rounds
SELECT 1 FROM public . rounds
