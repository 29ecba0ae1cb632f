/*
description: Every id a project group ever had; a retired one was merged into another and is not given again.
*/
CREATE TABLE meta.project_group (
  group_id text PRIMARY KEY,
  seniority bigint NOT NULL UNIQUE,
  merged_into text REFERENCES meta.project_group (group_id) ON DELETE RESTRICT,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at timestamptz
);
