-- error: :2: a model file holds exactly one SELECT
INSERT INTO public.rounds SELECT * FROM landing.indexer_rounds
