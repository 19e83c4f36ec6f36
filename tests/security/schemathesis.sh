#!/usr/bin/env bash
# schemathesis on both surfaces: requests made from openapi.json and schema.graphql, valid ones and broken ones.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

schemathesis=$(python_tool schemathesis schemathesis)
export SCHEMATHESIS_HOOKS=$here/schemathesis_hooks.py
# Another seed tries other requests.
seed=${SEED:-20261124}

# generate NAME SCHEMA ARGUMENT...: whether all that came of a document was answered as it should be. $told has the figures.
generate() {
  local output=$results/$1.txt status=0
  (cd "$scratch" && "$schemathesis" --config-file "$here/schemathesis.toml" --no-color run "$root/$2" \
    --seed "$seed" --request-timeout 10 --continue-on-failure "${@:3}") >"$output" 2>&1 || status=$?
  told="$(grep -E '^ +[0-9]+ generated' "$output" | sed 's/^ *//'), seed $seed"
  case $status in
  0) return 0 ;;
  1) return 1 ;;
  *)
    echo "schemathesis came to no end, see $output" >&2
    tail -5 "$output" >&2
    exit 2
    ;;
  esac
}

attack() {
  if generate "$@"; then held "$1: $told"; else found "$1: $told, see $results/$1.txt"; fi
}

# A GraphQL error is no fault by itself: refused_by_name judges it, instead of the checks that take it for one.
graphql=(--exclude-checks "not_a_server_error,positive_data_acceptance")

# sees NAME FAULT...: each of these faults must be among those that were found.
sees() {
  for fault in "${@:2}"; do
    grep -q "❌ .*$fault" "$results/$1.txt" || found "no $fault at $1, where there is one"
  done
}

echo "schemathesis $("$schemathesis" --version | grep -o '[0-9.]*$') against a server with the fault"
start_weak
generate weak-rest openapi.json --url "$url" --max-time 10 --phases fuzzing || true
sees weak-rest 'Server error' 'Undocumented Content-Type' leaks_nothing has_security_headers
generate weak-graphql schema.graphql --url "$url/graphql" --max-time 10 "${graphql[@]}" || true
sees weak-graphql refused_by_name leaks_nothing has_security_headers

echo 'schemathesis against filmgate, limits off'
start_filmgate FILMGATE_LIMITS__ENABLED=false
attack rest openapi.json --url "$url" --max-time 60
attack graphql schema.graphql --url "$url/graphql" --max-time 40 "${graphql[@]}"
key=$(admin_key)
attack rest-as-admin openapi.json --url "$url" --max-time 60 -H "X-API-Key: $key"
attack graphql-as-admin schema.graphql --url "$url/graphql" --max-time 40 -H "Authorization: Bearer $key" "${graphql[@]}"
judge_log

conclude
