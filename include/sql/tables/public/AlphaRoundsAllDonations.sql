/*
description: Donations of the Alpha rounds; donor is bytea text.
*/
CREATE TABLE public."AlphaRoundsAllDonations" (
  id bigint,
  title text,
  round_name text,
  usd_amount double precision,
  block_time timestamptz,
  donor text,
  token_quantity numeric
);
