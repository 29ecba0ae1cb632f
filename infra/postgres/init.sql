-- Roles and databases of the warehouse's cluster; every statement may run again. Sources are other people's
-- servers: the warehouse reaches them by foreign tables, so only its own databases are made here.
SET log_min_error_statement = panic;
SET client_min_messages = warning;
\set grants_owner `cat "$SECRETS_FOLDER/grants_owner_password"`
\set metabase `cat "$SECRETS_FOLDER/metabase_password"`
\set public_api `cat "$SECRETS_FOLDER/public_api_password"`
\set sign_up_form `cat "$SECRETS_FOLDER/sign_up_form_password"`
\set airflow `cat "$SECRETS_FOLDER/airflow_password"`
\set metabase_app `cat "$SECRETS_FOLDER/metabase_app_password"`

SELECT format('CREATE ROLE %I', name)
FROM unnest(
  ARRAY['grants_analyst', 'grants_owner', 'metabase', 'public_api', 'sign_up_form', 'airflow', 'metabase_app']
) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE grants_owner LOGIN CREATEROLE PASSWORD :'grants_owner';
ALTER ROLE metabase LOGIN PASSWORD :'metabase';
ALTER ROLE public_api LOGIN PASSWORD :'public_api';
ALTER ROLE sign_up_form LOGIN PASSWORD :'sign_up_form';
ALTER ROLE airflow LOGIN PASSWORD :'airflow';
ALTER ROLE metabase_app LOGIN PASSWORD :'metabase_app';

GRANT grants_analyst TO metabase;
-- The owner manages readers and may act as them, without having their rights by itself.
GRANT grants_analyst, metabase, public_api, sign_up_form TO grants_owner WITH ADMIN TRUE, INHERIT FALSE, SET TRUE;

-- CREATEDB for the restore drill, which restores into a database of its own and drops it.
ALTER ROLE grants_owner CREATEDB;

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
FROM (VALUES ('Grants', 'grants_owner'), ('airflow', 'airflow'), ('metabase_app', 'metabase_app')) AS d (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

REVOKE CONNECT, TEMPORARY ON DATABASE "Grants", airflow, metabase_app FROM public;
GRANT CONNECT ON DATABASE "Grants" TO grants_analyst, public_api, sign_up_form;

\connect "Grants"
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO grants_owner WITH GRANT OPTION;
ALTER SCHEMA public OWNER TO grants_owner;
