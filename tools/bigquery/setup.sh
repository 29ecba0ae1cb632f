#!/usr/bin/env bash
# Emulators of BigQuery and Cloud Storage under .tools/bigquery, from a hashed lock; nothing happens when they are
# there. Ends with 3 and a reason where they cannot be had, such as on a platform without wheels.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=.tools/bigquery
lock=tools/bigquery/requirements.txt
cmp -s "$lock" "$tools/installed.txt" && exit 0
unset PYTHONDONTWRITEBYTECODE PYTHONPATH
python=${PYTHON:-.venv/bin/python}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "bqemulator needs Python 3.11" >&2; exit 3; }
# shellcheck disable=SC1091
. tools/uv.sh
rm -rf "$tools"
uv_run venv --quiet --python "$("$python" -c 'import sys; print(sys.executable)')" "$tools"
uv_run pip sync --quiet --require-hashes --only-binary :all: --compile-bytecode --python "$tools/bin/python" "$lock" \
  || { echo "no wheels of the emulators for this platform, or no package index" >&2; exit 3; }
# DuckDB looks for its extensions below the home folder; the emulators get this one.
mkdir -p "$tools/home"
HOME="$PWD/$tools/home" "$tools/bin/python" -c 'import duckdb_extensions; duckdb_extensions.import_extension("spatial")' > /dev/null
cp "$lock" "$tools/installed.txt"
