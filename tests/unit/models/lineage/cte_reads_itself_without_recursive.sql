-- error: :2: 'rounds' is no CTE in this scope
WITH rounds AS (SELECT id FROM rounds)
SELECT id FROM rounds
