/*
description: >
  Where each relation of a build physically stands. A carried-over one stands in an older build; an extended
  one is a view of what stood there and of the rows that came.
columns:
  build_id: "Number of the build."
  relation: "Relation by the name readers know."
  physical: "Where its rows stand, schema included."
  fingerprint: "Hash of all that decides its rows; equal means nothing to do."
  carried_over: "Nothing changed, so the rows of an older build are shown."
  row_count: "Rows."
  byte_count: "Bytes on disk, indexes included."
  amount_usd: "Sum of the amount its header names."
  seconds: "How long it took."
  built_at: "When its rows were made; NULL while they are not."
  parts: "Where its rows stand, in the order they came; empty when they stand in one piece."
  way: "Carried over, extended by new rows, merged with them, or rebuilt; NULL while it is not made."
  why: "What decided on that way."
*/
CREATE TABLE meta.build_relation (
  build_id bigint NOT NULL REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  relation text NOT NULL,
  physical text NOT NULL,
  fingerprint text NOT NULL,
  carried_over boolean NOT NULL,
  row_count bigint,
  byte_count bigint,
  amount_usd double precision,
  seconds double precision,
  built_at timestamptz,
  parts text[] NOT NULL DEFAULT '{}',
  way text CHECK (way IN ('carried over', 'extended', 'merged', 'rebuilt')),
  why text,
  PRIMARY KEY (build_id, relation)
);
