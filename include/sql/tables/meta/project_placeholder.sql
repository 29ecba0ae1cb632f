/*
description: Attribute values that the latest run of project groups took for empty, and what they would link.
columns:
  attribute: "Attribute, such as website."
  value: "Value that links nobody, after cleaning."
  reason: "Whether it is listed, or shared by too many."
  project_count: "Projects that have it."
  row_count: "Applications that have it."
  run_id: "Run of the DAG."
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
