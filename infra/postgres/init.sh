#!/usr/bin/env bash
# Databases, roles and rights of a new cluster; PostgreSQL's image runs it once, and it may run again by hand.
# Passwords come from files that psql reads by itself: none stands on a command line, none is logged.
set -euo pipefail
export SECRETS_FOLDER=${SECRETS_FOLDER:-/run/secrets}
for name in grants_owner metabase public_api sign_up_form airflow metabase_app; do
  if ! [ -s "$SECRETS_FOLDER/${name}_password" ]; then
    echo "init: $SECRETS_FOLDER/${name}_password is missing or empty" >&2
    exit 78
  fi
done
sql=${INIT_SQL:-/etc/regendata/init.sql}
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" --file "$sql"
