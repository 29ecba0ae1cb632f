/*
description: Payouts to applications of direct-grant rounds, frozen copy of indexer schema chain_data_75.
*/
CREATE TABLE static_indexer_chain_data_75.applications_payouts (
  id integer,
  chain_id integer,
  application_id text,
  round_id text,
  amount numeric(78, 0),
  token_address text,
  amount_in_usd real,
  amount_in_round_match_token text,
  transaction_hash text,
  timestamp timestamptz,
  sender text
);
