-- expected: public.rounds, public.rounds
SELECT 1 FROM PUBLIC.Rounds AS a INNER JOIN public."rounds" AS b ON a.id = b.id
