-- error: :3: 'labels' is no CTE in this scope
WITH "Labels" AS (SELECT 1 AS id)
SELECT id FROM Labels
