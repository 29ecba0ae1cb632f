/*
description: Rounds that ran on Allo outside the indexer, kept by hand in a sheet.
columns:
  timestamp: "When it was given."
  amount_in_usd: "USD."
  desc: "What it was."
  network_name: "Chain as people call it."
  strategy_name: "Allocation strategy."
*/
CREATE TABLE public."AlloRoundsOutsideIndexer" (
  timestamp timestamptz,
  amount_in_usd double precision,
  "desc" text,
  network_name text,
  strategy_name text
);
