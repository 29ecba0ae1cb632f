#!/usr/bin/env bash
# Make the folder of secrets that docker-compose.yaml reads; a file that is there is left alone.
# usage: infra/secrets.sh [FOLDER]      (default: secrets)
# The folder is its owner's alone. Files inside are readable: containers read them as users of their own, and nobody
# else gets past the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-secrets}
install --directory --mode 0700 "$folder"

# Letters and digits only: values stand in URLs.
random() { od --read-bytes="$1" --address-radix=n --format=x1 /dev/urandom | tr --delete ' \n'; }

keep() {
  local file=$folder/$1
  if [ -e "$file" ]; then
    # Whoever writes into the pipe is to end well.
    cat >/dev/null
    return
  fi
  cat >"$file"
  chmod 0444 "$file"
  echo "made $file"
}

for name in postgres grants_owner metabase metabase_app public_api sign_up_form airflow airflow_admin; do
  random 24 | keep "${name}_password"
done
random 32 | keep airflow_api_secret_key
# HS512 wants 64 bytes.
random 64 | keep airflow_jwt_secret
# 32 bytes in URL-safe base64, as Fernet wants.
head --bytes=32 /dev/urandom | base64 | tr '+/' '-_' | keep airflow_fernet_key
read -r airflow <"$folder/airflow_password" || true
read -r owner <"$folder/grants_owner_password" || true
read -r analyst <"$folder/metabase_password" || true
read -r reader <"$folder/public_api_password" || true
read -r form <"$folder/sign_up_form_password" || true
keep airflow_database_url <<<"postgresql+psycopg2://airflow:$airflow@postgres:5432/airflow"
connections() {
  sed -n 's/^#\(AIRFLOW_CONN_\)/\1/p' .env.example |
    sed -e "s/GRANTS_OWNER_PASSWORD/$owner/" -e "s/METABASE_PASSWORD/$analyst/" \
      -e "s/PUBLIC_API_PASSWORD/$reader/" -e "s/SIGN_UP_FORM_PASSWORD/$form/"
}
connections | keep connections.env
# The public API answers strangers: it gets what it reads, and not the warehouse's owner.
connections | grep -E '^AIRFLOW_CONN_(PUBLIC_API_DB|SIGN_UP_FORM_DB|POSTMARK_WEBHOOK|CDR_MARKET_TEST|CDR_MARKET_PROD)=' | keep public_api_connections.env
