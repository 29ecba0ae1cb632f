/*
description: Methods, as CDR.fyi spells them, that are direct air capture.
columns:
  method: "Method as CDR.fyi spells it."
*/
CREATE TABLE reference.cdr_dac_methods (
  method text
);
