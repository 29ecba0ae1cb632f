-- expected: public.rounds, public.donations
WITH open_rounds AS (SELECT id FROM public.rounds)
SELECT count(*) FROM (SELECT d.id FROM public.donations AS d WHERE d.round_id IN (SELECT id FROM open_rounds)) AS x
