/*
description: Matching paid by cGrants, with the date of the payout transaction.
columns:
  id: "Number of the row in the archive."
  sub_round_id: "Part of the round."
  sub_round_slug: "Its name in addresses."
  grant_id: "Grant it went to."
  match_amount: "Matching in USD."
  payout_tx_date: "When it was paid."
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
