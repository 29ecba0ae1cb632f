/*
description: Applications of projects to rounds, frozen copy of indexer schema chain_data_75.
*/
CREATE TABLE static_indexer_chain_data_75.applications (
  id text,
  chain_id integer,
  round_id text,
  project_id text,
  anchor_address text,
  status text,
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
