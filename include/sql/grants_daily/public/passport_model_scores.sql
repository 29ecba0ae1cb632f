/*
description: What each Passport model says of an address; the newest row where the file has several.
unique_key: [address, model]
indexes: [[model]]
columns:
  id: "Id of the row at Passport."
  model: "Model, such as aggregate_model."
  address: "Wallet, lower case."
  updated_at: "When Passport computed the row."
  data_human_probability: "Probability that a human uses the wallet, 0 to 100."
  data_score: "The model's score, where it gives one."
  data_n_transactions: "Transactions of the wallet on the model's chain."
  data_first_funder: "Who funded the wallet first; empty where nobody did."
  data_first_funder_amount: "How much that was, in the chain's own coin."
  data_first_funder_timestamp: "When that was, as Passport writes it."
  data_gas_spent: "Gas the wallet paid for, in the chain's own coin."
  data_n_days_active: "Days on which the wallet did anything."
  data_has_safe_nft: "Whether the wallet holds a Safe NFT."
  data_meta_version: "Version of the model."
  data_meta_training_date: "When the model was trained, as Passport writes it."
checks:
  - min_rows: 1
    not_null: [address, model, updated_at]
    matches: {address: "^0x[0-9a-f]{40}$"}
    range: {data_human_probability: {min: 0, max: 100}}
  - {severity: ask, max_fall_pct: 10, totals: {by: [model], max_fall_pct: 20}}
*/
SELECT DISTINCT ON (score.address, score.model)
  score.id,
  score.model,
  score.address,
  score.updated_at,
  score.data_human_probability,
  score.data_score,
  score.data_n_transactions,
  score.data_first_funder,
  score.data_first_funder_amount,
  score.data_first_funder_timestamp,
  score.data_gas_spent,
  score.data_n_days_active,
  score.data_has_safe_nft,
  score.data_meta_version,
  score.data_meta_training_date
FROM landing.passport_model_scores AS score
ORDER BY score.address ASC, score.model ASC, score.updated_at DESC, score.id DESC
