#!/usr/bin/env bash
# Airflow's provider for Kubernetes beside .venv, in .tools/kubernetes: only the image has it otherwise. Versions and
# hashes are those of the image's lock; the rest of what the provider needs is in .venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=.tools/kubernetes
wanted='^(apache-airflow-providers-cncf-kubernetes|durationpy|kubernetes|kubernetes-asyncio|websocket-client)=='
lock=$(mktemp)
trap 'rm "$lock"' EXIT
awk -v wanted="$wanted" '/^[a-z]/ { on = $0 ~ wanted } on' requirements-server.txt > "$lock"
cmp -s "$lock" "$tools/installed.txt" && exit 0
# shellcheck disable=SC1091
. tools/uv.sh
rm -rf "$tools"
uv_run pip install --quiet --no-deps --require-hashes --compile-bytecode --python .venv/bin/python --target "$tools" -r "$lock"
cp "$lock" "$tools/installed.txt"
