/*
description: Contributions of cGrants (Gitcoin Grants rounds 1-15).
*/
CREATE TABLE public."cgrantsContributions" (
  id bigint,
  voter_address text,
  grant_id bigint,
  created_on timestamp,
  "amountUSD" double precision,
  checkout_type text,
  tx_id text,
  match boolean,
  token_address text,
  token_symbol text,
  "amountToken" double precision,
  gas_price double precision,
  anonymous boolean
);
