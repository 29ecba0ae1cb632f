/*
description: >
  One row for each backup that was made, and for each that a drill restored and compared.
columns:
  backup_key: "Folder of the backup in its bucket."
  kind: "backup, or drill for one that was restored and compared."
  conn_id: "Airflow connection of the database."
  taken_at: "When the backup began."
  byte_count: "Bytes of its archives."
  row_count: "Rows of all its tables."
  table_count: "Tables and materialized views."
  seconds: "How long the backup, or the drill, took."
  run_id: "Run of the DAG."
  finished_at: "When it was done."
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
