-- expected: public.rounds
SELECT r.id, tag.tag FROM public.rounds AS r, unnest(r.tags) AS tag (tag)
