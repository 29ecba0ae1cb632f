/*
description: Fields that may stand in published files of the carbon removal market.
*/
CREATE TABLE reference.cdr_public_fields (
  data_set text,
  field text
);
