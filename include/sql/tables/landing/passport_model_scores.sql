/*
description: Scores of the Passport models, one row per row of its file, addresses in lower case.
*/
CREATE TABLE landing.passport_model_scores (
  id bigint,
  model text,
  address text,
  updated_at timestamptz,
  data_human_probability double precision,
  data_score double precision,
  data_n_transactions bigint,
  data_first_funder text,
  data_first_funder_amount double precision,
  data_first_funder_timestamp text,
  data_gas_spent double precision,
  data_n_days_active bigint,
  data_has_safe_nft boolean,
  data_meta_version text,
  data_meta_training_date text
);
