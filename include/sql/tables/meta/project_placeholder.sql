/*
description: Attribute values that the latest run of project groups took for empty, and what they would link.
*/
CREATE TABLE meta.project_placeholder (
  attribute text NOT NULL,
  value text NOT NULL,
  reason text NOT NULL,
  project_count bigint NOT NULL,
  row_count bigint NOT NULL,
  run_id text NOT NULL,
  PRIMARY KEY (attribute, value)
);
