-- expected: public.rounds, public.donations
SELECT (SELECT max(r.updated_at_block) FROM public.rounds AS r) AS newest, count(*) AS donations
FROM public.donations
