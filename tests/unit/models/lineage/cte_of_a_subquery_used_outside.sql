-- error: :4: 'inner_rounds' is no CTE in this scope
SELECT x.id
FROM (WITH inner_rounds AS (SELECT id FROM public.rounds) SELECT id FROM inner_rounds) AS x
INNER JOIN inner_rounds ON inner_rounds.id = x.id
