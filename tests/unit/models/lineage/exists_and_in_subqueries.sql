-- expected: public.donations, public.rounds, public.applications
SELECT d.id FROM public.donations AS d
WHERE
  EXISTS (SELECT 1 FROM public.rounds AS r WHERE r.id = d.round_id)
  AND d.application_id NOT IN (SELECT a.id FROM public.applications AS a)
