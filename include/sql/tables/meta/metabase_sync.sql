/*
description: Columns that Metabase was last asked to look at, one row per database of Metabase.
*/
CREATE TABLE meta.metabase_sync (
  database_id bigint PRIMARY KEY,
  columns_digest text NOT NULL,
  column_count bigint NOT NULL,
  build_id bigint,
  synced_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
