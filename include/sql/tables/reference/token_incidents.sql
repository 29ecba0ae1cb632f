/*
description: Hours whose counts tell of the collection, not of tweets; anomalies leave them out.
columns:
  begins_at: "First hour, UTC."
  ends_at: "First hour that is right again."
  reason: "What happened."
*/
CREATE TABLE reference.token_incidents (
  begins_at timestamptz,
  ends_at timestamptz,
  reason text
);
