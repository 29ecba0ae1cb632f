/*
description: Rounds that editors left out of a relation, with the reason.
*/
CREATE TABLE reference.excluded_rounds (
  relation text,
  chain_id integer,
  round_id text,
  reason text
);
