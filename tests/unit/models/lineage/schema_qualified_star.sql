-- error: :2: public\.rounds\.\*: give the table an alias and use that
SELECT public.rounds.* FROM public.rounds
