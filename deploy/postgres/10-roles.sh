#!/bin/bash
# Runs once, when the database is made: one role for each service, each with a schema and a password of its own.
# A role can do nothing in the schemas of the others.
set -euo pipefail

sql() { psql -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }

sql -v database="$POSTGRES_DB" <<'SQL'
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL

for service in talent matching gateway; do
  sql -v role="$service" -v password="$(cat "/run/secrets/${service}_password")" -v database="$POSTGRES_DB" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"role";
CREATE SCHEMA :"role" AUTHORIZATION :"role";
SQL
done
