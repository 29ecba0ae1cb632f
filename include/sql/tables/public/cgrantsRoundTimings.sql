/*
description: Start and end of each cGrants round.
columns:
  id: "Number of the round."
  start_date: "First moment."
  end_date: "Last moment."
*/
CREATE TABLE public."cgrantsRoundTimings" (
  id bigint,
  round_num bigint,
  start_date timestamptz,
  end_date timestamptz
);
