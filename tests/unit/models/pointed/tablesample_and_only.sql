-- places: public.rounds = build_7.rounds
SELECT 1 FROM ONLY public.rounds CROSS JOIN public.rounds AS s TABLESAMPLE bernoulli (10)
-- expected:
SELECT 1 FROM ONLY build_7.rounds AS rounds CROSS JOIN build_7.rounds AS s TABLESAMPLE bernoulli (10)
