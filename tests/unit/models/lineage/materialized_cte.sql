-- expected: public.donations
WITH donors AS MATERIALIZED (SELECT DISTINCT donor_address FROM public.donations)
SELECT count(*) FROM donors
