/*
description: Carbon pricing instruments of the World Bank; share is a part of global emissions, up to 1.
*/
CREATE TABLE cdr_market.carbon_pricing_instruments (
  unique_id text,
  name text,
  type text,
  status text,
  share numeric
);
