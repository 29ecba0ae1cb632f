-- expected: public.donations, public.static_donations
WITH live AS (SELECT id FROM public.donations)
SELECT id FROM live
UNION ALL
SELECT id FROM public.static_donations WHERE id NOT IN (SELECT id FROM live)
