-- Session-local: the small tables every schema version is drawn from, and the functions that draw.
CREATE TEMPORARY TABLE staged_rounds (
  round_no integer PRIMARY KEY,
  chain_id integer NOT NULL,
  id text NOT NULL,
  round_metadata jsonb,
  strategy_name text,
  program_id text NOT NULL,
  created_at timestamptz NOT NULL,
  first_donation_at timestamptz NOT NULL,
  last_donation_at timestamptz NOT NULL,
  open_ended boolean NOT NULL,
  donation_count integer NOT NULL,
  first_donation_no bigint NOT NULL,
  match_amount_in_usd real,
  matching text NOT NULL,
  matching_distribution jsonb,
  archive_only boolean NOT NULL
);

CREATE TEMPORARY TABLE staged_applications (
  application_no integer PRIMARY KEY,
  round_no integer NOT NULL,
  id text NOT NULL,
  rank integer,
  project_id text NOT NULL,
  recipient text NOT NULL,
  status text NOT NULL,
  metadata jsonb,
  created_at timestamptz NOT NULL,
  donation_count integer,
  donor_count integer,
  donation_micros bigint
);

-- How far a schema version has read each chain; a chain without a row is missing from it.
CREATE TEMPORARY TABLE version_heads (
  chain_id integer PRIMARY KEY,
  head timestamptz NOT NULL
);

-- The functions below are plain enough for the planner to inline them, which makes them several times faster.
CREATE FUNCTION pg_temp.digest(kind text, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN encode(sha256((kind || ':' || number::text)::bytea), 'hex');

CREATE FUNCTION pg_temp.address(kind text, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN '0x' || left(encode(sha256((kind || ':' || number::text)::bytea), 'hex'), 40);

-- A number in [0, 1): the top 53 bits of a hash, so every machine draws the same.
CREATE FUNCTION pg_temp.fraction(number bigint, salt bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN ((hashint8extended(number, salt) >> 11) & 9007199254740991)::double precision / 9007199254740992;

-- A whole number in [0, size) that is small far more often than large: with three equal draws multiplied,
-- a tenth of the donors make most of the donations. Multiplication rounds alike everywhere; power() may not.
CREATE FUNCTION pg_temp.skewed(number bigint, salt bigint, size bigint) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN floor(
  pg_temp.fraction(number, salt) * pg_temp.fraction(number, salt) * pg_temp.fraction(number, salt) * size
)::integer;

-- Blocks every two seconds since 2020, each chain from its own first block.
CREATE FUNCTION pg_temp.block_at(chain_id integer, epoch bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN chain_id + (epoch - 1577836800) / 2;

CREATE FUNCTION pg_temp.block_at(chain_id integer, moment timestamptz) RETURNS numeric
LANGUAGE sql STABLE
RETURN pg_temp.block_at(chain_id, extract(EPOCH FROM moment)::bigint);

-- Mostly the chain's native token, else a stablecoin of that chain.
CREATE FUNCTION pg_temp.is_native(number bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN pg_temp.fraction(number, 5) < 0.7;

CREATE FUNCTION pg_temp.token(chain_id integer, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
  WHEN pg_temp.is_native(number) THEN '0x0000000000000000000000000000000000000000'
  ELSE pg_temp.address('token', chain_id)
END;

-- Smallest units, 18 decimals, that a millionth of a dollar buys: of a coin at 2,500 USD or of a stablecoin.
CREATE FUNCTION pg_temp.units_per_micro(number bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN pg_temp.is_native(number) THEN 400000000::numeric ELSE 1000000000000::numeric END;
