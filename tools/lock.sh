#!/usr/bin/env bash
# Resolve pyproject.toml into requirements.txt (runtime), requirements-dev.txt (all) and requirements-server.txt
# (the image), and the tools that read the deployment; hashed, for every Python.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck disable=SC1091
. tools/uv.sh
common=(--quiet --universal --python-version 3.10 --generate-hashes --no-annotate --custom-compile-command "make lock")
uv_run pip compile "${common[@]}" pyproject.toml -o requirements.txt
uv_run pip compile "${common[@]}" --extra dev pyproject.toml -c requirements.txt -o requirements-dev.txt
uv_run pip compile "${common[@]}" --extra server pyproject.toml -c requirements.txt -o requirements-server.txt
uv_run pip compile "${common[@]}" infra/requirements-deploy.in -o infra/requirements-deploy.txt
uv_run pip compile "${common[@]}" infra/requirements-audit.in -o infra/requirements-audit.txt
uv_run pip compile "${common[@]}" infra/requirements-lint.in -o infra/requirements-lint.txt
# bqemulator needs Python 3.11.
uv_run pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command "make lock" tools/bigquery/requirements.in -o tools/bigquery/requirements.txt
