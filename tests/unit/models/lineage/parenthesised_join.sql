-- expected: public.applications, public.rounds, public.donations
SELECT 1
FROM (public.applications AS a INNER JOIN public.rounds AS r USING (chain_id))
LEFT JOIN public.donations AS d ON d.round_id = r.id
