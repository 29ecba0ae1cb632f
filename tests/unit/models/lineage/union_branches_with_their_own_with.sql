-- expected: public.donations, public.static_donations
(WITH live AS (SELECT id FROM public.donations) SELECT id FROM live)
UNION ALL
(WITH old AS (SELECT id FROM public.static_donations) SELECT id FROM old)
