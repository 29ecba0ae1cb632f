/*
description: >
  What changed in each rebuilt relation against the build in use. Rows are matched by the unique key; a
  relation without one tells added and removed rows only. A reason stands where rows were not compared.
columns:
  build_id: "Number of the build."
  relation: "Relation by the name readers know."
  against_build_id: "Build it is compared with."
  added_rows: "Keys that are new."
  removed_rows: "Keys that are gone."
  changed_rows: "Keys whose row is another one."
  changed_columns: "Columns with how many rows differ in them."
  shape: "Columns added, removed or retyped."
  partitions: "The same counts by chain and round, with the amount."
  samples: "Some rows of each kind."
  reason: "Why rows were not compared."
  compared_share: "Of the rows that may differ, the share that was compared; below 1 counts are estimates."
  seconds: "How long it took."
  compared_at: "When."
*/
CREATE TABLE meta.relation_diff (
  build_id bigint NOT NULL REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  relation text NOT NULL,
  against_build_id bigint,
  added_rows bigint,
  removed_rows bigint,
  changed_rows bigint,
  changed_columns jsonb NOT NULL DEFAULT '[]',
  shape jsonb NOT NULL DEFAULT '{}',
  partitions jsonb NOT NULL DEFAULT '[]',
  samples jsonb NOT NULL DEFAULT '[]',
  reason text,
  compared_share double precision NOT NULL DEFAULT 1,
  seconds double precision NOT NULL,
  compared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (build_id, relation)
);
