/*
description: Who wrote a round strategy, per chain; GMV is split evenly over them.
columns:
  strategy_name: "Allocation strategy."
  chain_id: "Chain it is deployed on."
*/
CREATE TABLE reference.strategy_developers (
  strategy_name text,
  chain_id integer,
  address text
);
