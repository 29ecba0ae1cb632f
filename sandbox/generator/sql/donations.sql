INSERT INTO donations (
  id, chain_id, round_id, application_id, donor_address, recipient_address, project_id, transaction_hash,
  block_number, token_address, timestamp, amount, amount_in_usd, amount_in_round_match_token
)
SELECT
  '0x' || pg_temp.digest('donation', drawn.number) AS id,
  round.chain_id,
  round.id AS round_id,
  application.id AS application_id,
  pg_temp.address('account', drawn.donor_no) AS donor_address,
  lower(application.recipient) AS recipient_address,
  application.project_id,
  '0x' || pg_temp.digest('transaction', drawn.basket) AS transaction_hash,
  pg_temp.block_at(round.chain_id, drawn.epoch) AS block_number,
  pg_temp.token(round.chain_id, drawn.basket) AS token_address,
  to_timestamp(drawn.epoch) AS timestamp,
  -- A token without a known price is worth 0 USD, though some of it was given.
  greatest(drawn.micros, 1000) * pg_temp.units_per_micro(drawn.basket) AS amount,
  (drawn.micros / 1000000::double precision)::real AS amount_in_usd,
  drawn.micros * pg_temp.units_per_micro(round.round_no) AS amount_in_round_match_token
FROM ({draws}) AS drawn
INNER JOIN staged_applications AS application USING (application_no)
INNER JOIN staged_rounds AS round USING (round_no)
