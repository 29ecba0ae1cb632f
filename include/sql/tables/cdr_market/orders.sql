/*
description: Orders of carbon removal as CDR.fyi delivers them. Prices and notes may be private.
*/
CREATE TABLE cdr_market.orders (
  order_id text,
  purchaser_id text,
  supplier_id text,
  marketplace_id text,
  parent_id text,
  status text,
  method text,
  tons_purchased numeric,
  tons_delivered numeric,
  price_usd numeric,
  announcement_date date,
  announcement_link text,
  latest_delivery_date date,
  durability_years numeric,
  type_of_agreement text,
  delivery_verified boolean,
  delivery_status_source text,
  delivery_forecast text,
  delivery_verification_source text,
  source_type text,
  notes text
);
