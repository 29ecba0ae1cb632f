-- expected: public.rounds, public.rounds
SELECT a.id FROM public.rounds AS a INNER JOIN public.rounds AS b ON a.project_id = b.project_id
