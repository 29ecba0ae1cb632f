/*
description: >
  Why projects are in one group. Each project but the oldest of its group has one row: the link that leads one
  step towards the oldest. Following the links from two projects shows what joins them.
unique_key: [project_id, source]
indexes: [[group_id], [linked_project_id]]
columns:
  group_id: "Group of both projects."
  project_id: "Project in the registry, or the id of the cGrants grant."
  source: "indexer or cGrants."
  linked_project_id: "Project it is linked to, one step nearer to the oldest of the group."
  linked_source: "Source of that project."
  reason: "project_id: both sources know the id; manual link: kept by hand in a sheet; attributes: see there."
  shared_attributes: "Attributes on which both agree after cleaning, at least three; null for other reasons."
checks: {not_null: [group_id, project_id, source, linked_project_id, reason], max_fall_pct: 10}
*/
SELECT
  member.group_id,
  member.project_id,
  member.source,
  member.linked_project_id,
  member.linked_source,
  member.link_reason AS reason,
  member.shared_attributes
FROM landing.project_group_members AS member
WHERE member.linked_project_id IS NOT NULL
