/*
description: Matching of the Alpha rounds.
columns:
  id: "Number of the row in the archive."
  grant_id: "Grant of cGrants."
  match_amount_dai: "Matching in DAI."
  sub_round_slug: "Part of the round."
*/
CREATE TABLE public."AlphaMatching" (
  id bigint,
  round_num bigint,
  grant_id text,
  title text,
  match_amount_dai double precision,
  sub_round_slug text
);
