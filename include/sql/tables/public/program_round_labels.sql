/*
description: Program (such as GG20) of a round, kept by hand in a sheet.
*/
CREATE TABLE public.program_round_labels (
  round_number integer,
  program text,
  type text,
  chain_name text,
  chain_id integer,
  round_id text,
  matching_pool double precision
);
