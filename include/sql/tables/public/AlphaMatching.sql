/*
description: Matching of the Alpha rounds.
*/
CREATE TABLE public."AlphaMatching" (
  id bigint,
  round_num bigint,
  grant_id text,
  title text,
  match_amount_dai double precision,
  sub_round_slug text
);
