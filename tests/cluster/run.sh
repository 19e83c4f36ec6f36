#!/usr/bin/env bash
# Three filmgates over one PostgreSQL and one Redis, behind HAProxy: on this machine, in a folder of their own, for as long
# as this runs.
#
#   tests/cluster/run.sh [--check] FILMGATE
#
# It plays the documented calls through the proxy and waits for Ctrl-C; with --check it ends then.
set -euo pipefail

is_check=
if [ "${1-}" = --check ]; then is_check=1; shift; fi
if [ $# != 1 ] || [ ! -x "$1" ]; then
  echo "usage: $0 [--check] FILMGATE, the program, such as target/release/filmgate" >&2
  exit 2
fi
[[ $1 = /* ]] && filmgate=$1 || filmgate=$PWD/$1

# What is there, with nothing but the shell: PATH may be the fault.
missing=()
postgres=
for folder in /usr/lib/postgresql/*/bin ${PATH//:/ }; do
  if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then postgres=$folder; break; fi
done
[ -n "$postgres" ] || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v haproxy >/dev/null || missing+=(haproxy)
command -v curl >/dev/null || missing+=(curl)
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing: ${missing[*]}. On Debian and Ubuntu: apt-get install ${missing[*]}" >&2
  exit 1
fi
configuration=$(cd "$(dirname "$0")/../../docs" && pwd)/haproxy.cfg

folder=$(mktemp -d "${TMPDIR:-/tmp}/filmgate-cluster-XXXXXX")
chmod 755 "$folder"
servers=() storage= database= proxy=
finish() {
  trap - EXIT INT TERM HUP
  # The proxy last but for what they stand on: until then it sends who comes to those that are left.
  for id in "${servers[@]}"; do kill -TERM "$id" 2>/dev/null || true; done
  for id in "${servers[@]}"; do wait "$id" 2>/dev/null || true; done
  for id in $proxy $storage; do kill -TERM "$id" 2>/dev/null || true; done
  [ -z "$database" ] || kill -INT "$database" 2>/dev/null || true
  wait
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

fail() {
  echo "$1" >&2
  for log in "$folder"/*.log; do echo "== ${log##*/}"; tail -n 5 "$log"; done >&2
  exit 1
}

# Of a command, until it succeeds.
await() {
  local what=$1; shift
  for _ in {1..300}; do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  fail "$what does not start"
}

taken=" "
free_port() {
  while :; do
    port=$((20000 + RANDOM % 12000))
    if [[ $taken != *" $port "* ]] && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  done
  taken+="$port "
}

# PostgreSQL refuses to be root.
as=
if [ "$(id -u)" = 0 ]; then as='setpriv --reuid=65534 --regid=65534 --clear-groups'; fi
free_port; database_port=$port
mkdir "$folder/database"
[ -z "$as" ] || chown 65534:65534 "$folder/database"
(cd / && $as "$postgres/initdb" --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 --pgdata="$folder/database") \
  >"$folder/postgresql.log" 2>&1 || fail 'PostgreSQL makes no database'
cd "$folder"
$as "$postgres/postgres" -D "$folder/database" -c listen_addresses=127.0.0.1 -c port="$database_port" \
  -c unix_socket_directories= >>"$folder/postgresql.log" 2>&1 </dev/null &
database=$!
free_port; storage_port=$port
redis-server --bind 127.0.0.1 --port "$storage_port" --dir "$folder" --save '' --maxmemory-policy noeviction \
  >"$folder/redis.log" 2>&1 </dev/null &
storage=$!
await PostgreSQL "$postgres/createdb" --host=127.0.0.1 --port="$database_port" --username=postgres filmgate

addresses=()
for number in 1 2 3; do
  free_port; addresses+=("127.0.0.1:$port")
  mkdir "$folder/filmgate$number"
  (cd "$folder/filmgate$number" && exec env -i \
    FILMGATE_LISTEN="127.0.0.1:$port" \
    FILMGATE_DATABASE_URL="postgres://postgres@127.0.0.1:$database_port/filmgate" \
    FILMGATE_LIMITS__STORAGE="redis://127.0.0.1:$storage_port/0" \
    FILMGATE_TRUSTED_PROXIES=127.0.0.1 \
    FILMGATE_HTTP__DRAIN_DELAY=2 \
    FILMGATE_AUTH__ANONYMOUS_ROLE=editor \
    "$filmgate" serve) >"$folder/filmgate$number.log" 2>&1 </dev/null &
  servers+=($!)
done
for number in 0 1 2; do await "filmgate$((number + 1))" curl -sf "http://${addresses[number]}/health/ready"; done
free_port
url=http://127.0.0.1:$port
FILMGATE_BIND=127.0.0.1:$port FILMGATE_1=${addresses[0]} FILMGATE_2=${addresses[1]} FILMGATE_3=${addresses[2]} \
  haproxy -db -f "$configuration" >"$folder/haproxy.log" 2>&1 </dev/null &
proxy=$!
await HAProxy curl -sf "$url/health/ready"
echo "PostgreSQL at 127.0.0.1:$database_port, Redis at 127.0.0.1:$storage_port, filmgate at ${addresses[*]},"
echo "logs in $folder, and HAProxy at $url"

# The status that is expected, and what curl is told.
ask() {
  local wanted=$1 answer; shift
  echo; echo "\$ curl ${*@Q}"
  answer=$(curl -sS --max-time 20 -w '\n%{http_code}' "$@") || fail 'no answer'
  body=${answer%$'\n'*}
  echo "$body"
  [ "${answer##*$'\n'}" = "$wanted" ] || fail "status ${answer##*$'\n'}, where $wanted was expected"
}
# One film a second is the default.
film() { sleep 1.1; ask "$@"; }
expect() { [[ $body == *"$1"* ]] || fail "where is $1"; }

# A frame of a client has a mask, here of zeros. At most 125 bytes.
frame() { printf "\\x81\\x$(printf %02x $((128 + ${#1})))\\0\\0\\0\\0%s" "$1" >&4; }
# What a socket hears of film 1 while it is liked once more.
socket() {
  exec 4<>"/dev/tcp/127.0.0.1/$port"
  printf '%s\r\n' 'GET /graphql HTTP/1.1' "Host: 127.0.0.1:$port" 'Upgrade: websocket' 'Connection: Upgrade' \
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' 'Sec-WebSocket-Version: 13' \
    'Sec-WebSocket-Protocol: graphql-transport-ws' '' >&4
  local line
  while read -r line <&4 && [ "$line" != $'\r' ]; do [[ $line != HTTP/* ]] || echo "a socket: $line"; done
  frame '{"type":"connection_init"}'
  frame '{"id":"1","type":"subscribe","payload":{"query":"subscription { filmVoted(id: 1) { likes } }"}}'
  timeout 4 cat <&4 >"$folder/heard" &
  local listener=$!
  film 200 -X POST "$url/v1/films/1/like"
  wait "$listener" || true
  exec 4>&-
  echo 'and the socket heard:' "$(grep -ao '{"filmVoted".*' "$folder/heard" | head -1 | tr -cd '[:print:]')"
  grep -aq '{"filmVoted":{"likes":3}}' "$folder/heard" || fail 'the socket heard nothing of it'
}

film 200 "$url/"
film 200 "$url/?like=1"
film 200 "$url/?dislike=2"
ask 201 "$url/add_film" -H 'Content-Type: application/json' -d '{"name":"My Film","studio":"My Studio"}'
film 200 "$url/graphql" -H 'Content-Type: application/json' -d '{"query":"mutation { like(id: 1) { name likes } }"}'
socket
echo; echo 'One count and one catalogue, whichever server is asked:'
for address in "${addresses[@]}"; do
  ask 200 "http://$address/v1/films/1"; expect '"likes":3'
  ask 200 "http://$address/v1/films/621"; expect 'My Film'
done
echo; echo 'One budget: five of the 200 films of a day are used up.'
ask 200 "$url/v1/rate_limit"; expect '"remaining":195'

if [ -n "$is_check" ]; then echo; echo 'All went well.'; exit 0; fi
echo; echo "It goes on at $url. Stop with Ctrl-C."
# A filmgate that somebody kills to see what happens is no end of it.
wait "$proxy" || fail 'HAProxy has ended'
