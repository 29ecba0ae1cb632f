-- places: public.rounds = build_7.rounds
WITH rounds AS (SELECT * FROM public.rounds AS r WHERE EXISTS (SELECT 1 FROM public.rounds AS o WHERE o.id <> r.id))
SELECT rounds.id, (SELECT count(*) FROM public.rounds) FROM rounds
-- expected:
WITH rounds AS (SELECT * FROM build_7.rounds AS r WHERE EXISTS (SELECT 1 FROM build_7.rounds AS o WHERE o.id <> r.id))
SELECT rounds.id, (SELECT count(*) FROM build_7.rounds AS rounds) FROM rounds
