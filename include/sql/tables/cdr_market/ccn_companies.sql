/*
description: Companies of the circular carbon economy founded per year, by the Circular Carbon Network.
*/
CREATE TABLE cdr_market.ccn_companies (
  year integer,
  companies integer
);
