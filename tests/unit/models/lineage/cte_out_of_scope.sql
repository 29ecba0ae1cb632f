-- error: :6: 'hidden' is no CTE in this scope
WITH outermost AS (
  WITH hidden AS (SELECT id FROM public.rounds)
  SELECT id FROM hidden
)
SELECT h.id FROM outermost INNER JOIN hidden AS h ON h.id = outermost.id
