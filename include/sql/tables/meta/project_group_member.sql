/*
description: Group of every project ever seen, in order of appearance; no seniority while a project is away.
columns:
  project_id: "Id of the project at its source."
  source: "Where the project comes from."
  group_id: "Id of the group; it stays."
  seniority: "Order of its first appearance; NULL while it is away."
  since: "When it came into this group."
*/
CREATE TABLE meta.project_group_member (
  project_id text NOT NULL,
  source text NOT NULL,
  group_id text NOT NULL REFERENCES meta.project_group (group_id) ON DELETE RESTRICT,
  seniority bigint,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (project_id, source)
);
