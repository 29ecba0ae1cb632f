/*
description: Every id a project group ever had; a retired one was merged into another and is not given again.
columns:
  group_id: "The id; never given twice."
  seniority: "Order of the oldest project in it; the senior group keeps its id in a merge."
  merged_into: "The group it became part of."
  created_at: "When the id was first given."
  retired_at: "When it was merged away; NULL while it lives."
*/
CREATE TABLE meta.project_group (
  group_id text PRIMARY KEY,
  seniority bigint NOT NULL UNIQUE,
  merged_into text REFERENCES meta.project_group (group_id) ON DELETE RESTRICT,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at timestamptz
);
