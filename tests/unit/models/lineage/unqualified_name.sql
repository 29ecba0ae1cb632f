-- error: \Alineage/unqualified_name\.sql:4: 'applications' is no CTE in this scope; write its schema, such as public\.applications\Z
SELECT r.id
FROM public.rounds AS r
INNER JOIN applications AS a ON a.round_id = r.id
