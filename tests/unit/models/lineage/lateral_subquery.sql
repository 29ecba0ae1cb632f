-- expected: public.rounds, public.donations
SELECT r.id, newest.timestamp
FROM public.rounds AS r
CROSS JOIN LATERAL (
  SELECT d.timestamp FROM public.donations AS d WHERE d.round_id = r.id ORDER BY d.timestamp DESC LIMIT 1
) AS newest
