/*
description: ENS name of an address, one row per address.
*/
CREATE TABLE landing.ens_names (
  address text,
  name text
);
