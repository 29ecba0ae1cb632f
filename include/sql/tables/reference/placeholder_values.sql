/*
description: Values that applicants give in place of an answer; without an attribute, wherever they stand.
*/
CREATE TABLE reference.placeholder_values (
  attribute text,
  value text,
  reason text
);
