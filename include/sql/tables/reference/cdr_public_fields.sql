/*
description: Fields that may stand in published files of the carbon removal market.
columns:
  data_set: "Published file."
  field: "Field that may stand in it."
*/
CREATE TABLE reference.cdr_public_fields (
  data_set text,
  field text
);
