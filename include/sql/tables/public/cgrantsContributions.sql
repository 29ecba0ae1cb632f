/*
description: Contributions of cGrants (Gitcoin Grants rounds 1-15).
columns:
  id: "Id at cGrants."
  voter_address: "Address that gave."
  grant_id: "Grant it went to."
  created_on: "When, UTC without a zone."
  amountUSD: "USD at the time."
  checkout_type: "How it was paid."
  tx_id: "Transaction."
  match: "Whether it is matching, not a donation."
  token_address: "Token."
  token_symbol: "Its symbol."
  amountToken: "Amount in units of the token."
  gas_price: "Price of gas."
  anonymous: "Whether the donor asked to stay unnamed."
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
