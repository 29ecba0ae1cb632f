/*
description: Group of each project, and the link that leads one step towards the oldest member of the group.
*/
CREATE TABLE landing.project_group_members (
  project_id text,
  source text,
  group_id text,
  linked_project_id text,
  linked_source text,
  link_reason text,
  shared_attributes text[]
);
