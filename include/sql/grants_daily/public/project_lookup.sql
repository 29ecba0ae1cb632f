/*
description: Which group each project belongs to; projects of one group are one project under several ids.
unique_key: [project_id, source]
indexes: [[group_id]]
columns:
  group_id: "Group; the id stays for as long as the group exists, see meta.project_group_history."
  project_id: "Project in the registry, or the id of the cGrants grant."
  source: "indexer or cGrants."
checks: {not_null: [group_id, project_id, source], max_fall_pct: 1}
*/
SELECT
  member.group_id,
  member.project_id,
  member.source
FROM landing.project_group_members AS member
