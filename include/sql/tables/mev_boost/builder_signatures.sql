/*
description: >
  What builders sign their blocks with (extra data), and the name each is known by; kept by hand in
  include/static_data/mev_boost/builders.csv.
columns:
  signature: "What extra data holds, in upper or lower case."
  builder_name: "Name the builder is known by."
*/
CREATE TABLE mev_boost.builder_signatures (
  signature text PRIMARY KEY,
  builder_name text NOT NULL
);
