/*
description: Rows that project groups were made of - the title as written, the other attributes cleaned.
*/
CREATE TABLE landing.project_applications (
  source text,
  application text,
  project_id text,
  created_at timestamptz,
  applied_at timestamptz,
  amount_in_usd double precision,
  title text,
  website text,
  payout_address text,
  project_twitter text,
  project_github text
);
