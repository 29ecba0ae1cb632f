/*
description: Stamp scores of the Passport registry, one row per line of its file, addresses in lower case.
*/
CREATE TABLE landing.passport_stamps (
  id bigint,
  community bigint,
  address text,
  status text,
  score double precision,
  raw_score double precision,
  threshold double precision,
  last_score_timestamp timestamptz,
  stamps jsonb
);
