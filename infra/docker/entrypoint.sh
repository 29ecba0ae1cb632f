#!/usr/bin/env bash
# Take secrets from files, then become the command. A file named as a variable holds its value; a file *.env holds
# lines NAME='value', as .env.example shows them for connections. Values never stand on a command line.
set -euo pipefail

folder=${SECRETS_FOLDER:-/run/secrets}

read_secrets() {
  local file name
  for file in "$folder"/*; do
    [ -f "$file" ] || continue
    name=${file##*/}
    if [[ $name == *.env ]]; then
      set -a
      # shellcheck disable=SC1090
      . "$file"
      set +a
    elif [[ $name =~ ^[A-Z][A-Z0-9_]*$ ]]; then
      if ! [ -s "$file" ]; then
        echo "entrypoint: secret $name is empty" >&2
        exit 78
      fi
      # The shell takes the line end away.
      export "$name=$(<"$file")"
    fi
  done
}

if [ $# -eq 0 ]; then
  echo "usage: entrypoint.sh COMMAND [ARGUMENT...]" >&2
  exit 64
fi
read_secrets
exec "$@"
