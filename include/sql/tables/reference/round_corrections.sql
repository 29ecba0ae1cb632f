/*
description: Known faults in published round data and the factor that mends them.
columns:
  field: "Figure that is corrected."
  divisor: "What the stored figure is divided by."
  reason: "Why."
*/
CREATE TABLE reference.round_corrections (
  chain_id integer,
  round_id text,
  field text,
  divisor numeric,
  reason text
);
