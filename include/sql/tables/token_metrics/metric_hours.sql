/*
description: >
  Metrics per symbol and hour over true hours; what is not known is NULL, and hours_* say how many hours of a
  window are known. Columns that end in _compat follow the formulas of the job before this one - windows of
  rows, previous windows that overlap the current one, 0 for unknown - and stand only where the hour is known.
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
