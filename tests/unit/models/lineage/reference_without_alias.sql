-- expected: public.rounds, public.donations
SELECT rounds.id FROM public.rounds, public.donations WHERE donations.round_id = rounds.id
