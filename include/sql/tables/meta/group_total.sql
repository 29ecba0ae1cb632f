/*
description: >
  Rows, amount and newest timestamp of each group of a physical relation, from the scan that checked it. The
  next build is compared with them without reading what is published once more.
columns:
  physical: "Where its rows stand, schema included."
  group_key: "Values of the columns that make the group, such as chain and round."
  row_count: "Rows."
  amount: "Sum of the amount."
  newest: "Newest timestamp."
*/
CREATE TABLE meta.group_total (
  physical text NOT NULL,
  group_key jsonb NOT NULL,
  row_count bigint NOT NULL,
  amount double precision,
  newest timestamptz,
  PRIMARY KEY (physical, group_key)
);
