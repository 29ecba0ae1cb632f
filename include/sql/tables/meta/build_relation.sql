/*
description: Where each relation of a build physically stands; a carried-over one stands in an older build.
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
  PRIMARY KEY (build_id, relation)
);
