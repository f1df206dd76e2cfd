#!/usr/bin/env bash
# Makes what is missing in deploy/secrets, which docker compose mounts into the containers. Nothing is overwritten:
# to renew one, remove its file first (docs/operations.md, "Keys and passwords").
#
# The folder can be entered by its owner alone. The files in it are readable, since the containers, which see each
# file and not the folder, read them as another user.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${SECRETS_DIR:-deploy/secrets}
command -v openssl >/dev/null || { echo "secrets: openssl is needed: apt-get install openssl" >&2; exit 1; }

mkdir -p "$folder"; chmod 700 "$folder"
made=()
write() {  # a name, then the command that prints the content
  local file=$folder/$1; shift
  [ -e "$file" ] && return 0
  "$@" > "$file.new"; chmod 444 "$file.new"; mv "$file.new" "$file"; made+=("${file##*/}")
}
database_url() { echo "postgresql://$1:$(cat "$folder/${1}_password")@postgres:5432/yinling"; }

write postgres_password openssl rand -hex 24
for service in talent matching gateway; do
  write "${service}_password" openssl rand -hex 24
  write "${service}_database_url" database_url "$service"
done
for issuer in gateway matching; do
  write "$issuer.key" openssl genpkey -algorithm ed25519
  write "$issuer.pub" openssl pkey -in "$folder/$issuer.key" -pubout
done
if [ ${#made[@]} -gt 0 ]; then echo "secrets: made ${made[*]} in $folder"; else echo "secrets: all there in $folder"; fi
