/*
description: Start and end of each cGrants round.
*/
CREATE TABLE public."cgrantsRoundTimings" (
  id bigint,
  round_num bigint,
  start_date timestamptz,
  end_date timestamptz
);
