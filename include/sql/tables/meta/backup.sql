/*
description: >
  One row for each backup that was made, and for each that a drill restored and compared.
*/
CREATE TABLE meta.backup (
  backup_key text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('backup', 'drill')),
  conn_id text NOT NULL,
  taken_at timestamptz NOT NULL,
  byte_count bigint NOT NULL,
  row_count bigint NOT NULL,
  table_count integer NOT NULL,
  seconds double precision NOT NULL,
  run_id text NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (backup_key, kind, finished_at)
);
