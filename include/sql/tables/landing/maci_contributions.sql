/*
description: Voice-credit contributions to MACI rounds.
*/
CREATE TABLE landing.maci_contributions (
  id text,
  round_id text,
  chain_id integer,
  maci_id text,
  state_index numeric(78, 0),
  contributor_address text,
  voice_credit_balance numeric(78, 0),
  transaction_hash text,
  timestamp timestamptz
);
