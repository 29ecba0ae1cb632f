#!/usr/bin/env bash
# Known vulnerabilities of every locked package, from the OSV database; pip-audit is installed apart, in .tools/audit.
# Ends with 1 when there are some, and with 69 when the database could not be asked: then nothing was checked.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=infra/requirements-audit.txt
tools=.tools/audit
database=api.osv.dev

if ! cmp -s "$lock" "$tools/installed.txt"; then
  # shellcheck disable=SC1091
  . tools/uv.sh
  uv_run venv --quiet --clear --python "${PYTHON:-python3}" "$tools"
  uv_run pip sync --quiet --require-hashes --python "$tools/bin/python" "$lock"
  cp "$lock" "$tools/installed.txt"
fi

# Findings that do not concern us: one id a line, with the reason behind a #.
ignored=()
while read -r id _; do
  [[ -z $id || $id == \#* ]] || ignored+=(--ignore-vuln "$id")
done <infra/audit-ignored.txt

found=0
for file in requirements.txt requirements-server.txt requirements-dev.txt infra/requirements-*.txt; do
  if said=$("$tools/bin/pip-audit" --requirement "$file" --disable-pip --require-hashes --vulnerability-service osv \
    --progress-spinner off --timeout 15 "${ignored[@]}" 2>&1); then
    echo "audit: $file: no known vulnerability"
  elif grep --quiet --extended-regexp 'Connection|resolve|timed out|Max retries|ServiceError|Proxy' <<<"$said"; then
    echo "audit: could not reach the vulnerability database $database; $file was not checked" >&2
    exit 69
  else
    echo "$said"
    found=1
  fi
done
exit "$found"
