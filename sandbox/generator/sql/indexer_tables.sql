-- The indexer's own definitions (its src/database/migrate.ts); search_path names the chain_data_NN schema.
CREATE TYPE project_type AS ENUM ('canonical', 'linked');
CREATE TYPE round_role_name AS ENUM ('admin', 'manager');
CREATE TYPE application_status AS ENUM ('PENDING', 'APPROVED', 'REJECTED', 'CANCELLED', 'IN_REVIEW');

CREATE TABLE projects (
  id text,
  name text,
  nonce numeric(78, 0),
  anchor_address text,
  chain_id integer,
  project_number integer,
  registry_address text,
  metadata_cid text,
  metadata jsonb,
  created_by_address text,
  created_at_block numeric(78, 0),
  updated_at_block numeric(78, 0),
  tags text[],
  project_type project_type
);

CREATE TABLE rounds (
  id text,
  chain_id integer,
  tags text[],
  match_amount numeric(78, 0),
  match_token_address text,
  match_amount_in_usd real,
  funded_amount numeric(78, 0) DEFAULT 0,
  funded_amount_in_usd real DEFAULT 0,
  application_metadata_cid text,
  application_metadata jsonb,
  round_metadata_cid text,
  round_metadata jsonb,
  applications_start_time timestamptz,
  applications_end_time timestamptz,
  donations_start_time timestamptz,
  donations_end_time timestamptz,
  created_by_address text,
  created_at_block numeric(78, 0),
  updated_at_block numeric(78, 0),
  manager_role text,
  admin_role text,
  strategy_address text,
  strategy_id text,
  strategy_name text,
  matching_distribution jsonb,
  ready_for_payout_transaction text,
  project_id text,
  total_amount_donated_in_usd real,
  total_donations_count integer,
  unique_donors_count integer,
  total_distributed numeric(78, 0) DEFAULT 0
);

CREATE TABLE round_roles (
  chain_id integer,
  round_id text,
  address text,
  role round_role_name,
  created_at_block numeric(78, 0)
);

CREATE TABLE applications (
  id text,
  chain_id integer,
  round_id text,
  project_id text,
  anchor_address text,
  status application_status,
  status_snapshots jsonb,
  distribution_transaction text,
  metadata_cid text,
  metadata jsonb,
  created_by_address text,
  created_at_block numeric(78, 0),
  status_updated_at_block numeric(78, 0),
  total_donations_count integer,
  total_amount_donated_in_usd real,
  unique_donors_count integer,
  tags text[]
);

CREATE TABLE applications_payouts (
  id serial,
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

CREATE TABLE donations (
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
