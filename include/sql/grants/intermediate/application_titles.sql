/*
description: >
  What a donation takes from its application and round. Titles leave the JSON here, once per application,
  because there are fifty times as many donations.
unique_key: [chain_id, round_id, application_id]
columns:
  chain_id: "EIP-155 id of the chain."
  round_id: "Round, see public.rounds."
  application_id: "Application, see public.applications."
  project_id: "Project in the registry."
  distribution_transaction: "Transaction that paid the matching."
  round_name: "Name in the round metadata."
  round_num: "Number of the program round; null for rounds outside the programs."
  project_name: "Title of the project in the application."
  recipient_address: "Payout address in the application, in the case the applicant gave."
  title_id: "Number of the row, a narrow key."
  id_group: "Equal for applications whose donations have equal ids but for donor, amount and time."
checks: {min_rows: 1, not_null: [chain_id, round_id, application_id]}
*/
WITH titles AS (
  SELECT
    application.chain_id,
    application.round_id,
    application.id AS application_id,
    application.project_id,
    application.distribution_transaction,
    fact.round_name,
    label.round_number AS round_num,
    application.metadata #>> '{application,project,title}' AS project_name,
    application.metadata #>> '{application,recipient}' AS recipient_address
  FROM public.applications AS application
  LEFT JOIN intermediate.round_facts AS fact
    ON
      application.chain_id = fact.chain_id
      AND lower(application.round_id) = fact.round_id
      AND fact.indexer = 'grants_stack'
  LEFT JOIN intermediate.round_labels AS label
    ON
      application.chain_id = label.chain_id
      AND lower(application.round_id) = label.round_id
)

SELECT
  title.chain_id,
  title.round_id,
  title.application_id,
  title.project_id,
  title.distribution_transaction,
  title.round_name,
  title.round_num,
  title.project_name,
  title.recipient_address,
  row_number() OVER (ORDER BY title.chain_id, title.round_id, title.application_id)::integer AS title_id,
  dense_rank() OVER (
    ORDER BY
      title.chain_id,
      title.round_id,
      coalesce(title.project_id, ''),
      coalesce(title.recipient_address, ''),
      title.round_num
  )::integer AS id_group
FROM titles AS title
