-- expected: public.rounds
SELECT id FROM public.rounds;
