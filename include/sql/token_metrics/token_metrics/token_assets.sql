/*
description: >
  Which CoinMarketCap asset a symbol means, and its newest price. Symbols are not unique there; the rules
  decide first, then the rank, and is_ambiguous says where only the rank did.
unique_key: [symbol]
columns:
  symbol: "In capitals, as CoinMarketCap writes it."
  asset_id: "Id at CoinMarketCap; unique, other than the symbol."
  asset_name: "Name there."
  candidates: "Assets with this symbol."
  is_ambiguous: "Several assets have the symbol and no rule says which one is meant."
  price: "USD."
  price_change_24h: "Change of the price in 24 hours, in percent."
  market_cap: "USD."
  volume_24h: "USD traded in 24 hours."
  price_at: "When CoinMarketCap computed it."
checks: {not_null: [asset_id, price_at]}
*/
SELECT DISTINCT ON (upper(listing.symbol))
  listing.id AS asset_id,
  listing.name AS asset_name,
  listing.price,
  listing.percent_change_24h AS price_change_24h,
  listing.market_cap,
  listing.volume_24h,
  listing.last_updated AS price_at,
  upper(listing.symbol) AS symbol,
  count(*) OVER same_symbol AS candidates,
  count(*) OVER same_symbol > 1 AND count(rule.token) OVER same_symbol = 0 AS is_ambiguous
FROM token_metrics.cmc_price AS listing
LEFT JOIN reference.token_rules AS rule
  ON listing.id = rule.asset_id AND upper(listing.symbol) = upper(rule.token)
WINDOW same_symbol AS (PARTITION BY upper(listing.symbol))
ORDER BY upper(listing.symbol) ASC, (rule.token IS NULL) ASC, listing.cmc_rank ASC NULLS LAST, listing.id ASC
