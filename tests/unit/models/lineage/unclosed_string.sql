-- error: not readable as SQL
SELECT 'oops FROM public.rounds
