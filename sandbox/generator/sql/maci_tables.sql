-- What the MACI branch of the indexer has beside the tables of indexer_tables.sql.
CREATE TABLE contributions (
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

CREATE TABLE messages (
  message_id text,
  contribution_id text,
  chain_id integer,
  poll_id text,
  maci_id text,
  message jsonb,
  created_by_address text
);

CREATE TABLE voting_index_options (
  id text,
  chain_id integer,
  round_id text,
  option_index numeric(78, 0)
);
