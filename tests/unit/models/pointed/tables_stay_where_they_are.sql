-- places: public.rounds = build_7.rounds
SELECT r.id FROM landing.indexer_rounds AS l INNER JOIN public.rounds AS r USING (id)
-- expected:
SELECT r.id FROM landing.indexer_rounds AS l INNER JOIN build_7.rounds AS r USING (id)
