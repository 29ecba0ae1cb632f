/*
description: Methods, as CDR.fyi spells them, that are direct air capture.
*/
CREATE TABLE reference.cdr_dac_methods (
  method text
);
