/*
description: >
  Rows and hashes per bucket of each physical relation of a build, as 64-bit integers one after the other,
  so that the next build is compared without reading the old rows again.
columns:
  physical: "Where its rows stand, schema included."
  shape: "Columns and functions the hashes are of, and what puts a row in its bucket."
  row_counts: "Rows of each bucket, 64 bits each."
  row_hashes: "Sum of row hashes of each bucket, 64 bits each."
*/
CREATE TABLE meta.relation_digest (
  physical text PRIMARY KEY,
  shape text NOT NULL,
  row_counts bytea NOT NULL,
  row_hashes bytea NOT NULL
);
