-- error: :4: 'live' is no CTE in this scope
(WITH live AS (SELECT id FROM public.donations) SELECT id FROM live)
UNION ALL
SELECT id FROM live
