/*
description: Orders that editors leave out of the carbon removal market, with the reason.
columns:
  order_id: "Order at CDR.fyi."
  reason: "Why it is left out."
  reviewed_on: "Day somebody last looked."
*/
CREATE TABLE reference.cdr_excluded_orders (
  order_id text,
  reason text,
  reviewed_on date
);
