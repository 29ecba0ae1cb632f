/*
description: Grants (projects) of cGrants.
*/
CREATE TABLE public."cgrantsGrants" (
  id bigint,
  grantid bigint,
  createdon timestamptz,
  name text,
  slug text,
  websiteurl text,
  logo text,
  payoutaddress text,
  newgrantid text,
  twitter text,
  github text,
  region text,
  description text
);
