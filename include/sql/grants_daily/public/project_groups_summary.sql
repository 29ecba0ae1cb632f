/*
description: One row per group of projects - what it was given, and how it first and last described itself.
unique_key: [group_id]
amount: total_amount_donated
columns:
  group_id: "Group, see public.project_lookup."
  title: "Title in the latest application that has one."
  total_amount_donated: "USD donated to all applications and grants of the group."
  application_count: "Applications to rounds, and grants of cGrants."
  latest_created_application: "When the youngest of its projects was created; null where none is known."
  latest_created_project_id: "Project created last."
  latest_website: "Its website, in its latest application."
  latest_payout_address: "Its payout address, lower case."
  latest_project_twitter: "Its Twitter handle."
  latest_project_github: "Its GitHub owner."
  latest_source: "Where it is known from, indexer or cGrants."
  first_created_project_id: "Project created first."
  first_website: "Its website, in its first application."
  first_payout_address: "Its payout address, lower case."
  first_project_twitter: "Its Twitter handle."
  first_project_github: "Its GitHub owner."
  first_source: "Where it is known from."
checks: {not_null: [group_id, application_count, total_amount_donated], max_fall_pct: 5}
*/
WITH applications AS (
  SELECT
    application.*,
    member.group_id
  FROM landing.project_applications AS application
  INNER JOIN landing.project_group_members AS member
    ON application.project_id = member.project_id AND application.source = member.source
),

totals AS (
  SELECT
    application.group_id,
    count(*) AS application_count,
    coalesce(sum(application.amount_in_usd), 0) AS total_amount_donated,
    max(application.created_at) AS latest_created_application
  FROM applications AS application
  GROUP BY application.group_id
),

titles AS (
  SELECT DISTINCT ON (application.group_id)
    application.group_id,
    application.title
  FROM applications AS application
  WHERE application.title <> ''
  ORDER BY
    application.group_id ASC,
    application.created_at DESC NULLS LAST,
    application.applied_at DESC NULLS LAST,
    application.application DESC
),

latest AS (
  SELECT DISTINCT ON (application.group_id) application.*
  FROM applications AS application
  ORDER BY
    application.group_id ASC,
    application.created_at DESC NULLS LAST,
    application.applied_at DESC NULLS LAST,
    application.application DESC
),

firsts AS (
  SELECT DISTINCT ON (application.group_id) application.*
  FROM applications AS application
  ORDER BY
    application.group_id ASC,
    application.created_at ASC NULLS LAST,
    application.applied_at ASC NULLS LAST,
    application.application ASC
)

SELECT
  total.group_id,
  named.title,
  total.total_amount_donated,
  total.application_count,
  total.latest_created_application,
  latest.project_id AS latest_created_project_id,
  latest.website AS latest_website,
  latest.payout_address AS latest_payout_address,
  latest.project_twitter AS latest_project_twitter,
  latest.project_github AS latest_project_github,
  latest.source AS latest_source,
  first.project_id AS first_created_project_id,
  first.website AS first_website,
  first.payout_address AS first_payout_address,
  first.project_twitter AS first_project_twitter,
  first.project_github AS first_project_github,
  first.source AS first_source
FROM totals AS total
INNER JOIN latest ON total.group_id = latest.group_id
INNER JOIN firsts AS first ON total.group_id = first.group_id
LEFT JOIN titles AS named ON total.group_id = named.group_id
