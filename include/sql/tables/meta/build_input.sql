/*
description: >
  What each table that models read held when a build was opened, so that the next one can tell what came.
columns:
  build_id: "Number of the build."
  relation: "The table."
  fingerprint: "Hash of all that decides its rows."
  parts: "Where its rows stood, in the order they came."
*/
CREATE TABLE meta.build_input (
  build_id bigint NOT NULL REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  relation text NOT NULL,
  fingerprint text NOT NULL,
  parts text[] NOT NULL,
  PRIMARY KEY (build_id, relation)
);
