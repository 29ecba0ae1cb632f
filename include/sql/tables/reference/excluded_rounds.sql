/*
description: Rounds that editors left out of a relation, with the reason.
columns:
  relation: "Relation or column it is left out of."
  chain_id: "Chain; empty means every chain."
  round_id: "Round."
  reason: "Why."
*/
CREATE TABLE reference.excluded_rounds (
  relation text,
  chain_id integer,
  round_id text,
  reason text
);
