#!/usr/bin/env bash
# Bring the metadata database to this version, then roles and the first administrator. May run again at any time.
set -euo pipefail
airflow db migrate
airflow sync-perm
exec python "$(dirname "$0")/first_admin.py"
