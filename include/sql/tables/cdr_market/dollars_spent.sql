/*
description: Total dollars spent on carbon removal, as last read from the front page of CDR.fyi.
*/
CREATE TABLE cdr_market.dollars_spent (
  metric text,
  value numeric
);
