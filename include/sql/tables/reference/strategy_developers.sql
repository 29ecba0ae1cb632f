/*
description: Who wrote a round strategy, per chain; GMV is split evenly over them.
*/
CREATE TABLE reference.strategy_developers (
  strategy_name text,
  chain_id integer,
  address text
);
