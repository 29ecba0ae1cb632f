/*
description: Payout address of each Alpha round grantee.
columns:
  id: "Number of the row in the archive."
  address: "Payout address of the grantee."
  round_address: "Contract of the round."
*/
CREATE TABLE public."AlphaRoundGranteeAddresses" (
  id bigint,
  title text,
  address text,
  round_name text,
  round_address text
);
