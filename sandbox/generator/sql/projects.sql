-- Programs that run rounds, and projects that apply; a project on a second chain is a linked one.
INSERT INTO projects (
  id, name, nonce, anchor_address, chain_id, project_number, registry_address, metadata_cid, metadata,
  created_by_address, created_at_block, updated_at_block, tags, project_type
)
WITH known AS (
  SELECT
    round.program_id AS id,
    round.chain_id,
    '{{program,allo-v2}}'::text[] AS tags,
    'Program ' || left(round.program_id, 6) AS name,
    min(round.created_at) AS created_at
  FROM staged_rounds AS round
  INNER JOIN version_heads
    ON round.chain_id = version_heads.chain_id AND round.created_at <= version_heads.head
  GROUP BY round.program_id, round.chain_id
  UNION ALL
  SELECT
    application.project_id,
    round.chain_id,
    '{{allo-v2}}'::text[],
    (array_agg(
      application.metadata #>> '{{application,project,title}}' ORDER BY application.application_no
    ))[1],
    min(application.created_at)
  FROM staged_applications AS application
  INNER JOIN staged_rounds AS round USING (round_no)
  INNER JOIN version_heads
    ON round.chain_id = version_heads.chain_id AND application.created_at <= version_heads.head
  GROUP BY application.project_id, round.chain_id
),

numbered AS (
  SELECT
    known.*,
    row_number() OVER (PARTITION BY id ORDER BY created_at, chain_id) AS appearance,
    row_number() OVER (PARTITION BY chain_id ORDER BY created_at, id COLLATE "C") AS project_number
  FROM known
)

SELECT
  id,
  name,
  project_number AS nonce,
  '0x' || right(id, 40) AS anchor_address,
  chain_id,
  project_number,
  pg_temp.address('registry', chain_id) AS registry_address,
  'bafkrei' || right(id, 52) AS metadata_cid,
  jsonb_build_object('title', name) AS metadata,
  '0x' || right(id, 40) AS created_by_address,
  pg_temp.block_at(chain_id, created_at) AS created_at_block,
  pg_temp.block_at(chain_id, created_at) AS updated_at_block,
  tags,
  CASE WHEN appearance = 1 THEN 'canonical' ELSE 'linked' END::project_type AS project_type
FROM numbered
