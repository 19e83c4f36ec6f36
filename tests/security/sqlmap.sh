#!/usr/bin/env bash
# sqlmap on everything of a request that could reach SQL, through both surfaces.
# shellcheck disable=SC2016 # $id is a variable of GraphQL.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sqlmap=$(python_tool sqlmap sqlmap)
# FILMGATE_DATABASE_URL has it attack a filmgate over PostgreSQL.
database=(${FILMGATE_DATABASE_URL:+"FILMGATE_DATABASE_URL=$FILMGATE_DATABASE_URL"})

# inject NAME ARGUMENT...: whether sqlmap found a way in: 0 it did, 1 it did not. It tries all that it has for this kind of
# database and for any kind; what it has for all the others would take an hour.
inject() {
  local output=$results/$1.txt
  "$sqlmap" --batch --disable-coloring --flush-session --fresh-queries --output-dir "$scratch/sqlmap" \
    --dbms "$dbms" --level 5 --risk 3 --timeout 10 --retries 0 --ignore-code 400,401,403,404,409,422 "${@:2}" >"$output" 2>&1 || true
  grep -q 'identified the following injection point' "$output" && return
  grep -q 'do not appear to be injectable' "$output" && return 1
  echo "sqlmap came to no end, see $output" >&2
  tail -3 "$output" >&2
  exit 2
}

attack() {
  if inject "$@"; then found "$1: sqlmap got in"; else held "$1"; fi
}

json=(--method POST --headers 'Content-Type: application/json')
# by_variables DOCUMENT VARIABLES: the places to try are marked with an asterisk.
by_variables() { printf '{"query":"%s","variables":%s}' "$1" "$2"; }

echo "sqlmap $("$sqlmap" --version | cut -d'#' -f1) against a server with the fault"
dbms=sqlite
start_weak
inject weak-query -u "$url/?like=1" -p like || found 'nothing, where there is something'
inject weak-variables -u "$url/graphql" "${json[@]}" --data "$(by_variables 'query' '{"id":"1*"}')" ||
  found 'nothing in variables, where there is something'

dbms=${FILMGATE_DATABASE_URL:+postgresql}
dbms=${dbms:-sqlite}
echo "sqlmap against filmgate over $dbms, limits off"
start_filmgate FILMGATE_LIMITS__ENABLED=false "${database[@]}"
film='{"name":"Night Train*","studio":"Kadr*","year":"1959*","genres":["Drama*"]}'

attack like -u "$url/?like=1" -p like
attack dislike -u "$url/?like=1&dislike=2" -p dislike
attack add_film -u "$url/add_film" "${json[@]}" --data "$film"
attack v1-films-filter -u "$url/v1/films?genre=Drama&studio=MGM&yearFrom=1950&yearTo=1990&minVotes=0" -p genre,studio,yearFrom,yearTo,minVotes
attack v1-films-page -u "$url/v1/films?sort=name&first=2&after=x" -p sort,first,after
attack v1-films-page-back -u "$url/v1/films?last=2&before=x" -p last,before
attack v1-films-id -u "$url/v1/films/1*"
attack v1-films-random -u "$url/v1/films/random?genre=Drama&exclude=1" -p genre,exclude
attack v1-films-events -u "$url/v1/films/events?id=7000" -p id
attack v1-films-like -u "$url/v1/films/1*/like" --method POST
attack v1-films-add -u "$url/v1/films" "${json[@]}" --data "$film"
attack headers -u "$url/v1/films/1" --headers 'X-Request-Id: 1*\nUser-Agent: 1*\nReferer: 1*\nX-Forwarded-For: 1*\nAccept: application/json*'
attack graphql-film -u "$url/graphql" "${json[@]}" --data "$(by_variables 'query($id: ID!) { film(id: $id) { name } }' '{"id":"1*"}')"
attack graphql-films -u "$url/graphql" "${json[@]}" --data "$(by_variables \
  'query($filter: FilmFilter, $after: String) { films(filter: $filter, first: 2, after: $after) { edges { cursor } } }' \
  '{"filter":{"genre":"Drama*","studio":"MGM*"},"after":"x*"}')"
attack graphql-random -u "$url/graphql" "${json[@]}" --data "$(by_variables \
  'query($filter: FilmFilter, $exclude: [ID!]) { randomFilm(filter: $filter, exclude: $exclude) { name } }' \
  '{"filter":{"genre":"Drama*"},"exclude":["1*"]}')"
attack graphql-like -u "$url/graphql" "${json[@]}" --data "$(by_variables 'mutation($id: ID!) { like(id: $id) { name } }' '{"id":"1*"}')"
attack graphql-add -u "$url/graphql" "${json[@]}" --data "$(by_variables 'mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }' "{\"input\":${film/\"1959\*\"/1959}}")"
attack graphql-document -u "$url/graphql" "${json[@]}" --data '{"query":"{ film(id: \"1*\") { name } }"}'
# Whoever sends a key that is none: the key itself is looked up.
attack key-as-header -u "$url/v1/films/1" --headers 'X-API-Key: fg_1*'
attack key-as-bearer -u "$url/v1/films/1" --headers 'Authorization: Bearer fg_1*'
key=$(admin_key)
attack v1-audit-events -u "$url/v1/audit_events?event=film_added&actor=operator&since=2026-01-01T00:00:00Z&first=2" \
  --headers "X-API-Key: $key" -p event,actor,since,first
attack graphql-audit-events -u "$url/graphql" --method POST --headers "Content-Type: application/json\nX-API-Key: $key" \
  --data "$(by_variables 'query($filter: AuditEventFilter) { auditEvents(filter: $filter) { edges { cursor } } }' \
    '{"filter":{"actor":"operator*"}}')"

judge_log
if curl --silent "$url/v1/films/1" | grep -q '"name":"Frozen","studio":"Disney"'; then
  held 'film 1 is what it was'
else
  found 'film 1 is not what it was'
fi
conclude
