/*
description: Sellers of carbon removal as CDR.fyi delivers them.
*/
CREATE TABLE cdr_market.suppliers (
  supplier_id text,
  name text,
  methods text,
  website text,
  logo text,
  slug text,
  tagline text,
  description text,
  year_founded integer,
  geo_city text,
  geo_country text,
  twitter text,
  is_verified boolean,
  created_at timestamptz
);
