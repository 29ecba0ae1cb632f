/*
description: Hours whose counts tell of the collection, not of tweets; anomalies leave them out.
*/
CREATE TABLE reference.token_incidents (
  begins_at timestamptz,
  ends_at timestamptz,
  reason text
);
