-- expected: public.rounds, public."größe"
SELECT '💧 Öko – Wasser' AS label, r.id
FROM public.rounds AS r
INNER JOIN public."größe" AS g ON g.id = r.id
