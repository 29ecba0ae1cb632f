-- places: public.rounds = build_7.rounds; public.donations = build_6.donations
SELECT r.id,   count(*)  -- public.rounds stays in a comment
FROM public.rounds AS r
LEFT JOIN  public.donations AS d ON d.round_id = r.id AND d.note <> 'public.donations'
GROUP BY r.id
-- expected:
SELECT r.id,   count(*)  -- public.rounds stays in a comment
FROM build_7.rounds AS r
LEFT JOIN  build_6.donations AS d ON d.round_id = r.id AND d.note <> 'public.donations'
GROUP BY r.id
