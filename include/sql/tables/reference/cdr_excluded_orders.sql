/*
description: Orders that editors leave out of the carbon removal market, with the reason.
*/
CREATE TABLE reference.cdr_excluded_orders (
  order_id text,
  reason text,
  reviewed_on date
);
