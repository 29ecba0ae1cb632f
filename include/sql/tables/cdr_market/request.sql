/*
description: Requests to CDR.fyi of the last hour, which its limits per token count.
*/
CREATE TABLE cdr_market.request (
  source text NOT NULL,
  asked_at timestamptz NOT NULL
);
