-- expected: public.rounds, public.round_roles
SELECT id, address FROM public.rounds INNER JOIN public.round_roles USING (chain_id)
