-- error: :2: a model only reads; INSERT
WITH moved AS (INSERT INTO public.rounds SELECT * FROM landing.indexer_rounds RETURNING *)
SELECT * FROM moved
