-- expected: public.rounds
SELECT n.n, r.id
FROM generate_series(1, 3) AS n (n)
INNER JOIN public.rounds AS r ON r.chain_id = n.n
