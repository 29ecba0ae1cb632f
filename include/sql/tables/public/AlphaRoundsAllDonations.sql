/*
description: Donations of the Alpha rounds; donor is bytea text.
columns:
  id: "Number of the row in the archive."
  title: "Project as it was called then."
  usd_amount: "USD at the time."
  block_time: "When."
  donor: "Address that gave."
  token_quantity: "Amount in units of the token."
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
