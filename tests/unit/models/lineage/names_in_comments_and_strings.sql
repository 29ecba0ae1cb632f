-- expected: public.rounds
-- FROM public.not_this
SELECT 'FROM public.nor_this' AS text, $$ FROM public.nor_that $$ AS body /* public.neither */
FROM public.rounds -- and not public.here
