/*
description: Rounds that ran on Allo outside the indexer, kept by hand in a sheet.
*/
CREATE TABLE public."AlloRoundsOutsideIndexer" (
  timestamp timestamptz,
  amount_in_usd double precision,
  "desc" text,
  network_name text,
  strategy_name text
);
