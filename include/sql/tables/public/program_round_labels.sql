/*
description: Program (such as GG20) of a round, kept by hand in a sheet.
columns:
  type: "Kind of the round, as the sheet says."
  chain_name: "Chain, as the sheet names it."
  matching_pool: "Matching pool in USD."
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
