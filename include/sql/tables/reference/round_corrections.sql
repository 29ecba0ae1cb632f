/*
description: Known faults in published round data and the factor that mends them.
*/
CREATE TABLE reference.round_corrections (
  chain_id integer,
  round_id text,
  field text,
  divisor numeric,
  reason text
);
