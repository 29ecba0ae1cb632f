/*
description: >
  Metrics per symbol and hour over true hours; what is not known is NULL, and hours_* say how many hours of a
  window are known. Columns that end in _compat follow the formulas of the job before this one - windows of
  rows, previous windows that overlap the current one, 0 for unknown - and stand only where the hour is known.
columns:
  symbol: "Symbol after cleaning, without $."
  timestamp: "Start of the hour, in seconds since 1970."
  count: "Tweets in the hour."
  symbol_sma1: "Mean tweets per known hour of the last 24."
  symbol_sma1_previous: "The same of the 24 hours before those."
  symbol_sma7: "Mean tweets per known hour of the last 168."
  symbol_sma7_previous: "The same of the 168 hours before those."
  symbol_sma14: "Mean tweets per known hour of the last 336."
  sma1_dif: "Relative change of symbol_sma1 to the window before it."
  sma7_dif: "Relative change of symbol_sma7 to the window before it."
  sma14_dif: "How far the count is from symbol_sma14, as a share of the count."
  sentiment: "Sentiment of the hour, weighted by tweets."
  sentiment_sma1: "Mean of the known sentiments of the last 24 hours."
  sentiment_sma7: "Mean of the known sentiments of the last 168 hours."
  rsd_1: "Standard deviation over mean of the last 24 hours."
  rsd_7: "Standard deviation over mean of the last 168 hours."
  rsd_14: "Standard deviation over mean of the last 336 hours."
  hours_1: "Known hours among the last 24."
  hours_1_previous: "Known hours among the 24 before those."
  hours_7: "Known hours among the last 168."
  hours_7_previous: "Known hours among the 168 before those."
  hours_14: "Known hours among the last 336."
  symbol_sma1_compat: "symbol_sma1 by the formula of the job before this one."
  symbol_sma1_previous_compat: "symbol_sma1_previous by the formula of the job before this one."
  symbol_sma7_compat: "symbol_sma7 by the formula of the job before this one."
  symbol_sma7_previous_compat: "symbol_sma7_previous by the formula of the job before this one."
  symbol_sma14_compat: "symbol_sma14 by the formula of the job before this one."
  sma1_dif_compat: "sma1_dif by the formula of the job before this one."
  sma7_dif_compat: "sma7_dif by the formula of the job before this one."
  sma14_dif_compat: "sma14_dif by the formula of the job before this one."
  sentiment_compat: "sentiment by the formula of the job before this one."
  sentiment_sma1_compat: "sentiment_sma1 by the formula of the job before this one."
  sentiment_sma7_compat: "sentiment_sma7 by the formula of the job before this one."
  rsd_1_compat: "rsd_1 by the formula of the job before this one."
  rsd_7_compat: "rsd_7 by the formula of the job before this one."
  rsd_14_compat: "rsd_14 by the formula of the job before this one."
*/
CREATE TABLE token_metrics.metric_hours (
  symbol text NOT NULL,
  timestamp integer NOT NULL,
  count double precision,
  symbol_sma1 double precision,
  symbol_sma1_previous double precision,
  symbol_sma7 double precision,
  symbol_sma7_previous double precision,
  symbol_sma14 double precision,
  sma1_dif double precision,
  sma7_dif double precision,
  sma14_dif double precision,
  sentiment double precision,
  sentiment_sma1 double precision,
  sentiment_sma7 double precision,
  rsd_1 double precision,
  rsd_7 double precision,
  rsd_14 double precision,
  hours_1 smallint NOT NULL,
  hours_1_previous smallint NOT NULL,
  hours_7 smallint NOT NULL,
  hours_7_previous smallint NOT NULL,
  hours_14 smallint NOT NULL,
  symbol_sma1_compat double precision,
  symbol_sma1_previous_compat double precision,
  symbol_sma7_compat double precision,
  symbol_sma7_previous_compat double precision,
  symbol_sma14_compat double precision,
  sma1_dif_compat double precision,
  sma7_dif_compat double precision,
  sma14_dif_compat double precision,
  sentiment_compat double precision,
  sentiment_sma1_compat double precision,
  sentiment_sma7_compat double precision,
  rsd_1_compat double precision,
  rsd_7_compat double precision,
  rsd_14_compat double precision,
  PRIMARY KEY (timestamp, symbol)
);
