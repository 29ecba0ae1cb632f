#!/usr/bin/env bash
# Everything the droplet is made of, read by the tools that know it; none of them needs Docker or a network.
# They are installed apart, in .tools/deploy: their pins would fight with Airflow's.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=infra/requirements-deploy.txt
tools=.tools/deploy

install_tools() {
  # shellcheck disable=SC1091
  . tools/uv.sh
  uv_run venv --quiet --clear --python "${PYTHON:-python3}" "$tools"
  uv_run pip sync --quiet --require-hashes --python "$tools/bin/python" "$lock"
  cp "$lock" "$tools/installed.txt"
}

# docker compose reads the files of secrets only to start containers, so it needs none here.
compose() {
  if [ -x "$tools/bin/docker-compose" ]; then
    "$tools/bin/docker-compose" --env-file /dev/null "$@" config --quiet
  else
    echo "check_deployment: docker compose is to be had from Python 3.11 on; the schema has to do" >&2
  fi
}

# As nginx's image fills the templates in when it starts.
nginx() {
  local file
  for file in infra/nginx/*.template; do
    sed -e 's/\${\([A-Z_]*\)_DOMAIN}/\1.example.org/g' -e "s#/etc/nginx/conf.d/#$work/#" "$file" \
      >"$work/$(basename "$file" .template)"
  done
  printf 'events {}\nhttp {\n  include %s/*.conf;\n}\n' "$work" >"$work/nginx"
  "$tools/bin/crossplane" parse --no-catch --strict "$work/nginx" --out /dev/null
  "$tools/bin/gixy" "$work/nginx" >"$work/gixy" || { cat "$work/gixy" && return 1; }
}

# On a machine as the droplet is: Docker and certbot are there.
units() {
  local root=$work/root program target told
  install --directory "$root/usr/bin" "$root/etc/systemd/system"
  for program in docker certbot; do install --mode 0755 /dev/null "$root/usr/bin/$program"; done
  printf '[Service]\nExecStart=/usr/bin/docker\n' >"$root/etc/systemd/system/docker.service"
  cp infra/systemd/* "$root/etc/systemd/system/"
  for target in sysinit basic shutdown network-online timers multi-user time-set time-sync; do
    echo '[Unit]' >"$root/etc/systemd/system/$target.target"
  done
  # A key it does not know is only told, so whatever it tells counts.
  told=$(cd "$root/etc/systemd/system" && systemd-analyze verify --man=no --root="$root" regendata* 2>&1) || true
  [ -z "$told" ] || { echo "$told" >&2 && return 1; }
}

work=$(mktemp --directory)
trap 'rm -r "$work"' EXIT
cmp -s "$lock" "$tools/installed.txt" || install_tools
compose
compose --profile dev --profile celery
"$tools/bin/check-jsonschema" --quiet --builtin-schema vendor.compose-spec docker-compose.yaml
"$tools/bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yaml
"$tools/bin/hadolint" --failure-threshold style Dockerfile
git ls-files -z --cached --others --exclude-standard '*.sh' | xargs --null "$tools/bin/shellcheck" --external-sources --severity style
"$tools/bin/zizmor" --offline --quiet --no-progress --config .github/zizmor.yml .github/workflows
"$tools/bin/kubernetes-validate" --strict --quiet infra/helm/*/pod_template.yaml
nginx
if command -v systemd-analyze >/dev/null; then units; fi
