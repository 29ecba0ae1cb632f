/*
description: Grants (projects) of cGrants.
columns:
  id: "Number of the row in the archive."
  grantid: "Id at cGrants."
  createdon: "When the grant was made."
  name: "Title."
  slug: "Its part of the address."
  websiteurl: "Website."
  logo: "Address of the picture."
  newgrantid: "Id of the grant that took its place."
  twitter: "Twitter handle."
  github: "GitHub address."
  region: "Region."
  description: "Text of the grant."
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
