/*
description: Values that applicants give in place of an answer; without an attribute, wherever they stand.
columns:
  attribute: "Attribute; empty means any."
  value: "What stands in place of an answer."
  reason: "Why it says nothing."
*/
CREATE TABLE reference.placeholder_values (
  attribute text,
  value text,
  reason text
);
