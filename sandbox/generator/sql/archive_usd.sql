-- Prices were looked up again since the archive was frozen: every 20th USD amount is another one there.
UPDATE donations
SET amount_in_usd = (amount_in_usd::numeric * 1.01)::real
WHERE hashtextextended(id, 75) & 1023 < 51
