-- error: :3: "Grants"\.public\.rounds: leave the database name away
SELECT id
FROM "Grants".public.rounds
