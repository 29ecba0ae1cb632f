/*
description: Matching paid by cGrants, with the date of the payout transaction.
*/
CREATE TABLE public."cgrantsMatches" (
  id bigint,
  round_num bigint,
  sub_round_id bigint,
  sub_round_slug text,
  grant_id bigint,
  match_amount double precision,
  payout_tx_date timestamptz
);
