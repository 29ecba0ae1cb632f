/*
description: Donations, frozen copy of indexer schema chain_data_75.
*/
CREATE TABLE static_indexer_chain_data_75.donations (
  id text,
  chain_id integer,
  round_id text,
  application_id text,
  donor_address text,
  recipient_address text,
  project_id text,
  transaction_hash text,
  block_number numeric(78, 0),
  token_address text,
  timestamp timestamptz,
  amount numeric(78, 0),
  amount_in_usd real,
  amount_in_round_match_token numeric(78, 0)
);
