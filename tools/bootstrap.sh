#!/usr/bin/env bash
# Build .venv from a hashed lock file with nothing on the machine but python3.
# usage: tools/bootstrap.sh LOCKFILE
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
python=${PYTHON:-python3}
unset PYTHONDONTWRITEBYTECODE PYTHONPATH

"$python" - <<'PY' || { echo "regendata needs python >= 3.10 and < 3.14 (PYTHON=... chooses another)" >&2; exit 1; }
import sys
sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))
PY

# shellcheck disable=SC1091
. tools/uv.sh
echo "building .venv from $lock"
uv_run venv --quiet --clear --python "$("$python" -c 'import sys; print(sys.executable)')" .venv
uv_run pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python "$lock"
