-- Direct grants are paid in up to four instalments per approved application.
INSERT INTO applications_payouts (
  chain_id, application_id, round_id, amount, token_address, amount_in_usd, amount_in_round_match_token,
  transaction_hash, timestamp, sender
)
SELECT
  round.chain_id,
  application.id AS application_id,
  round.id AS round_id,
  paid.micros * pg_temp.units_per_micro(round.round_no) AS amount,
  pg_temp.token(round.chain_id, round.round_no) AS token_address,
  (paid.micros / 1e6)::real AS amount_in_usd,
  (paid.micros * pg_temp.units_per_micro(round.round_no))::text AS amount_in_round_match_token,
  '0x' || pg_temp.digest('payout', paid.number) AS transaction_hash,
  paid.paid_at AS timestamp,
  pg_temp.address('operator', round.round_no % 50) AS sender
FROM staged_applications AS application
INNER JOIN staged_rounds AS round USING (round_no)
INNER JOIN version_heads ON round.chain_id = version_heads.chain_id
CROSS JOIN LATERAL generate_series(
  0, floor(pg_temp.fraction(application.application_no, 20) * 4)::integer
) AS instalment
CROSS JOIN LATERAL (
  SELECT
    application.application_no * 4::bigint + instalment AS number,
    100000000 + floor(
      pg_temp.fraction(application.application_no * 4::bigint + instalment, 21) * 9000000000
    )::bigint AS micros,
    application.created_at + (30 + 20 * instalment) * INTERVAL '1 day' AS paid_at
) AS paid
WHERE round.strategy_name IN ('allov1.Direct', 'allov2.DirectGrantsLiteStrategy')
  AND application.rank IS NOT NULL
  AND (NOT round.archive_only OR {with_archive})
  AND paid.paid_at <= version_heads.head
ORDER BY paid.paid_at, paid.number
