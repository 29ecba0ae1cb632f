/*
description: Columns that Metabase was last asked to look at, one row per database of Metabase.
columns:
  database_id: "Database, by its id in Metabase."
  columns_digest: "Hash of all columns that readers had then."
  column_count: "How many columns that were."
  build_id: "Build that was in use."
  synced_at: "When Metabase was asked to look."
*/
CREATE TABLE meta.metabase_sync (
  database_id bigint PRIMARY KEY,
  columns_digest text NOT NULL,
  column_count bigint NOT NULL,
  build_id bigint,
  synced_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
