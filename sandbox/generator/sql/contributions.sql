-- A contribution is worth voice_credit_balance / 100000 x 3000 USD; some accounts signed up with nothing.
INSERT INTO contributions (
  id, round_id, chain_id, maci_id, state_index, contributor_address, voice_credit_balance, transaction_hash,
  timestamp
)
WITH draws AS (
  SELECT
    round.id AS round_id,
    round.chain_id,
    round.first_donation_no + position AS number,
    position + 1 AS state_index,
    round.round_no,
    round.first_donation_at
    + floor(
      extract(EPOCH FROM round.last_donation_at - round.first_donation_at) * position / round.donation_count
    ) * INTERVAL '1 second' AS contributed_at
  FROM staged_rounds AS round
  CROSS JOIN LATERAL generate_series(0, round.donation_count - 1) AS position
)

SELECT
  '0x' || pg_temp.digest('contribution', draws.number) AS id,
  draws.round_id,
  draws.chain_id,
  pg_temp.address('maci', draws.round_no) AS maci_id,
  draws.state_index,
  pg_temp.address('account', pg_temp.skewed(draws.number, 51, {donors})) AS contributor_address,
  CASE
    WHEN draws.number % 25 = 3 THEN 0
    ELSE 17 + floor(pg_temp.fraction(draws.number, 52) * 40 * pg_temp.fraction(draws.number, 53) * 80)
  END AS voice_credit_balance,
  '0x' || pg_temp.digest('maci transaction', draws.number / 2) AS transaction_hash,
  draws.contributed_at AS timestamp
FROM draws
INNER JOIN version_heads USING (chain_id)
WHERE draws.contributed_at <= version_heads.head;

INSERT INTO messages (message_id, contribution_id, chain_id, poll_id, maci_id, message, created_by_address)
SELECT
  '0x' || pg_temp.digest('message', contribution.state_index::bigint) || right(contribution.id, 8)
    AS message_id,
  contribution.id AS contribution_id,
  contribution.chain_id,
  pg_temp.address('poll', contribution.round_id::bigint) AS poll_id,
  contribution.maci_id,
  jsonb_build_object('data', ARRAY[contribution.state_index::text, right(contribution.id, 16)]) AS message,
  contribution.contributor_address AS created_by_address
FROM contributions AS contribution
WHERE contribution.voice_credit_balance > 0;

INSERT INTO voting_index_options (id, chain_id, round_id, option_index)
SELECT
  '0x' || pg_temp.digest('option', application.application_no) AS id,
  round.chain_id,
  round.id AS round_id,
  application.rank AS option_index
FROM staged_applications AS application
INNER JOIN staged_rounds AS round USING (round_no)
INNER JOIN version_heads ON round.chain_id = version_heads.chain_id
WHERE application.rank IS NOT NULL AND application.created_at <= version_heads.head
