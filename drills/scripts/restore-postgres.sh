#!/bin/sh
# User data of a restore drill: restores the dump at DUMP_URL onto this fresh instance, and reports to FIREDRILL_SIGNAL_URL.
#
# ec2/launch-instance puts lines like  export DUMP_URL='https://...'  after the first line of this script:
#   DUMP_URL              presigned GET of the dump (the step's environment names the object as s3://bucket/key)
#   FIREDRILL_SIGNAL_URL  presigned PUT of the object that ec2/await-ready waits for
#   GLOBALS_URL           optional, presigned GET of roles as "pg_dumpall --globals-only" writes them; custom-format dumps have none
#   DATABASE              optional, name of the restored database; default orders
#
# Two kinds of dump are restored:
#   - the lab's own: its image has the command orders-restore, which makes a server and restores into it
#   - pg_dump --format=custom: needs an image with PostgreSQL's server and client programs and curl (e.g. an AMI with the
#     packages postgresql-18 and curl), and a service "postgresql" that listens on the instance's address
#
# User data is at most 16 KB, and whoever may describe the instance can read it: keep secrets out, and URLs short-lived.
set -eu

DATABASE=${DATABASE:-orders}
work=$(mktemp -d)
output=$work/output
exec 3>&1 >"$output" 2>&1

# The signal: one JSON object. Only the last lines are told, in plain characters, with the ends of lines as JSON has them.
signal() {
  printf '{"status":"%s","message":"%s"%s}\n' "$1" "$2" "$3" >"$work/signal.json"
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --retry 5 --max-time 60 --upload-file "$work/signal.json" "$FIREDRILL_SIGNAL_URL"
  else
    put-url "$work/signal.json" "$FIREDRILL_SIGNAL_URL"
  fi
}

last_lines() {
  tail -n 10 "$output" | cut -c 1-300 | sed 's/\\/\\\\/g; s/"/\\"/g' | tr '\t' ' ' | tr -cd '\012\040-\176' |
    sed '$!s/$/\\n/' | tr -d '\n'
}

# Runs however the script ends. What went wrong must arrive, or the drill waits until its timeout.
finish() {
  status=$?
  trap - EXIT
  if [ "$status" -ne 0 ]; then
    signal failed "it ended with status $status\\n$(last_lines)" '' || status=$?
  fi
  # On the console too (EC2: get-console-output), for whoever looks there.
  cat "$output" >&3
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM

# What these say is written down when they have ended: where they fill the disk, there is no room for it before the dump has gone.
said_afterwards() {
  said=$("$@" 2>&1) || {
    status=$?
    rm -f "$work/dump"
    echo "$said"
    exit "$status"
  }
  [ -z "$said" ] || echo "$said"
}

restore_custom_format() {
  said_afterwards curl --fail --silent --show-error --retry 5 --output "$work/dump" "$DUMP_URL"
  systemctl start postgresql
  if [ -n "${GLOBALS_URL:-}" ]; then
    curl --fail --silent --show-error --retry 5 "$GLOBALS_URL" >"$work/globals.sql"
    # Roles that the image has already are no failure; everything else shows when the dump is restored.
    runuser -u postgres -- psql --quiet --dbname=postgres <"$work/globals.sql"
  fi
  runuser -u postgres -- createdb "$DATABASE"
  said_afterwards runuser -u postgres -- pg_restore --exit-on-error --dbname="$DATABASE" <"$work/dump"
}

: "${DUMP_URL:?is missing}" "${FIREDRILL_SIGNAL_URL:?is missing}"
if command -v orders-restore >/dev/null; then
  orders-restore "$DUMP_URL"
else
  restore_custom_format
fi
signal ready "restored $DATABASE" ",\"database\":{\"engine\":\"postgres\",\"port\":5432,\"name\":\"$DATABASE\"}"
