#!/usr/bin/env bash
# Writes what a release leaves in a database: write.sh FILMGATE NAME POSTGRES_URL
#
# FILMGATE is the program of that release, NAME is its version and date, and POSTGRES_URL is that of an empty database, whose
# server psql and pg_dump can speak to. The story must stay the one that tests/it/storage/upgrade.rs asks about.
set -euo pipefail
program=$(realpath "$1") name=$2 postgres=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"

# story URL: one server's life; sets good_key and revoked_key.
story() {
  export FILMGATE_DATABASE_URL=$1 FILMGATE_LISTEN=127.0.0.1:0 FILMGATE_LIMITS__FILM=20/day FILMGATE_LIMITS__ADD_FILM=20/day
  : >greeting
  "$program" serve >>greeting 2>log &
  server=$!
  local root
  until grep -q Ctrl-C greeting; do kill -0 $server || { cat log; exit 1; }; sleep 0.1; done
  root=$(grep -o 'http://[0-9.:]*' greeting | head -1)

  # Accounts and keys, by the command.
  for account in "anna admin" "bert voter"; do
    set -- $account
    echo "correct horse $1" | "$program" account create "$1" --role "$2" --password-stdin
  done
  good_key=$("$program" key create anna --name nightly)
  revoked_key=$("$program" key create anna --name lost)
  voter_key=$("$program" key create bert --name phone)

  call() { curl --silent --show-error --fail-with-body --output /dev/null "$@"; }
  json=(-H 'Content-Type: application/json')
  graphql() { call "$root/graphql" "${json[@]}" "${@:2}" -d "$(jq -nc --arg query "$1" '{$query}')"; }
  as_anna=(-H "X-API-Key: $good_key") as_bert=(-H "X-API-Key: $voter_key")

  # Anonymous votes: three likes and a dislike of film 1, two dislikes of film 2.
  call "$root/?like=1"
  call -X POST "$root/v1/films/1/like"
  graphql 'mutation { like(id: 1) { id } }'
  call "$root/?dislike=1"
  call "$root/?dislike=2"
  graphql 'mutation { dislike(id: 2) { id } }'

  # Films: three new ones, one that is changed, one that is removed with its vote.
  call "$root/add_film" "${json[@]}" "${as_anna[@]}" -d '{"name": "Old Endpoint", "studio": "Upgrade"}'
  call "$root/v1/films" "${json[@]}" "${as_anna[@]}" \
    -d '{"name": "Zażółć gęślą jaźń", "studio": "Upgrade", "year": 1987, "genres": ["drama", "comedy"]}'
  graphql 'mutation { addFilm(input: {name: "Graph", studio: "Upgrade"}) { id } }' "${as_anna[@]}"
  call -X PATCH "$root/v1/films/8" "${json[@]}" "${as_anna[@]}" -d '{"studio": "Changed Studio"}'
  call "$root/?like=7"
  call -X DELETE "$root/v1/films/7" "${as_anna[@]}"

  # Votes of accounts: both like film 3; bert first dislikes film 4 and then likes it.
  call "$root/?like=3" "${as_anna[@]}"
  graphql 'mutation { like(id: 3) { id } }' "${as_bert[@]}"
  call "$root/?dislike=4" "${as_bert[@]}"
  call -X POST "$root/v1/films/4/like" "${as_bert[@]}"

  # Events of accounts by both surfaces: a key is revoked, bert signs in.
  lost=$(curl --silent "$root/v1/keys" "${as_anna[@]}" | jq -r '.. | objects | select(.name? == "lost") | .id')
  graphql "mutation { revokeKey(id: \"$lost\") { id } }" "${as_anna[@]}"
  call "$root/v1/session" "${json[@]}" -d '{"name": "bert", "password": "correct horse bert"}'

  # Refusals: of a password, of the revoked key, of a right by both surfaces, of a quota.
  refused() { ! call "$@" || { echo "not refused: $*"; exit 1; }; }
  refused "$root/v1/session" "${json[@]}" -d '{"name": "bert", "password": "wrong horse bert"}'
  refused "$root/v1/me" -H "X-API-Key: $revoked_key"
  refused -X DELETE "$root/v1/films/1" "${as_bert[@]}"
  curl --silent "$root/graphql" "${json[@]}" "${as_bert[@]}" -d '{"query": "mutation { removeFilm(id: 1) { id } }"}' |
    grep -q FORBIDDEN
  while call "$root/" 2>/dev/null; do :; done

  # Names that look like others, or like nothing.
  add() { call "$root/v1/films" "${json[@]}" "${as_anna[@]}" -d "$1"; }
  add '{"name": "Frozen\u200b", "studio": "Disney", "year": 2013}'
  add '{"name": "\u2060", "studio": "Upgrade"}'
  add '{"name": "\u3164", "studio": "Upgrade"}'
  add '{"name": "Late  Riser", "studio": "Upgrade", "genres": ["Drama\u200b"]}'
  add '{"name": "Late Riser", "studio": "Upgrade"}'
  for alike in $'\uff41nna' $'\u0430dmin' $'\uff43arl' carl; do
    echo "correct horse $alike" | "$program" account create "$alike" --role voter --password-stdin
  done

  kill -TERM $server
  wait $server
  server=
}

story "sqlite://$work/filmgate.db"
rm -f "$here/$name.db"
sqlite3 filmgate.db "PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '$here/$name.db'"
keys="sqlite good $good_key
sqlite revoked $revoked_key"

story "$postgres"
# Statements alone: what begins with a backslash is for psql.
pg_dump --no-owner --no-privileges --rows-per-insert=100 "$postgres" | sed '/^\\/d; /^--/d; /^$/d' >"$here/$name.sql"
echo "$keys
postgres good $good_key
postgres revoked $revoked_key" >"$here/$name.keys"
ls -l "$here/$name".*
