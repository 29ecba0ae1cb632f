-- error: :2: a model only reads; INTO
SELECT id INTO public.copy FROM public.rounds
