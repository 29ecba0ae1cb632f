/*
description: Payout address of each Alpha round grantee.
*/
CREATE TABLE public."AlphaRoundGranteeAddresses" (
  id bigint,
  title text,
  address text,
  round_name text,
  round_address text
);
