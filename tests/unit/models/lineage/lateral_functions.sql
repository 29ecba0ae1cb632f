-- expected: landing.indexer_rounds
SELECT r.id, element.value, element.ordinality, pair.project_id
FROM landing.indexer_rounds AS r
CROSS JOIN LATERAL jsonb_array_elements(r.matching_distribution) WITH ORDINALITY AS element
CROSS JOIN LATERAL jsonb_to_record(element.value) AS pair (project_id text, amount numeric)
