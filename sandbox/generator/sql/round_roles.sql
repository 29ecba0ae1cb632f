-- The creator is admin and manager; up to three more manage. Every 29th round lost its roles upstream.
INSERT INTO round_roles (chain_id, round_id, address, role, created_at_block)
SELECT
  round.chain_id,
  round.id AS round_id,
  pg_temp.address('operator', (round.round_no + 7 * greatest(seat, 0)) % 50) AS address,
  CASE WHEN seat < 0 THEN 'admin' ELSE 'manager' END::round_role_name AS role,
  pg_temp.block_at(round.chain_id, round.created_at) AS created_at_block
FROM staged_rounds AS round
INNER JOIN version_heads ON round.chain_id = version_heads.chain_id
CROSS JOIN LATERAL generate_series(-1, floor(pg_temp.fraction(round.round_no, 30) * 4)::integer) AS seat
WHERE round.round_no % 29 <> 8
  AND (NOT round.archive_only OR {with_archive})
  AND round.created_at <= version_heads.head
