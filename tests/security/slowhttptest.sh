#!/usr/bin/env bash
# slowhttptest: 3,000 connections that are in no hurry, under the default limits and timeouts, while somebody else calls.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

slowhttptest=$(debian_tool slowhttptest slowhttptest)
# Of the tester and of the server, which inherits it.
ulimit -n 16384

# Somebody else's calls: another address of this machine has a budget of its own at the limiter. With each goes how many
# files the server has open, which its sockets are.
probe() {
  while kill -0 "$server" 2>/dev/null; do
    curl --silent --output /dev/null --interface 127.0.0.2 --max-time 10 \
      --write-out '%{http_code} %{time_total} ' "$url/v1/films/1" || true
    ls "/proc/$server/fd" | wc -l
    sleep 0.25
  done
}

# besiege NAME ARGUMENT...: whether everybody else was answered meanwhile, and the server had let go of the besiegers in the
# end, whatever those make of it. $told has the figures.
besiege() {
  local output=$results/$1 probes prober calls answered slowest most left
  probes=$output.probes
  probe >"$probes" &
  prober=$!
  "$slowhttptest" -c "$connections" -r "$rate" -l "$seconds" -i 5 -p 3 -g -o "$output" "${@:2}" >"$output.txt" 2>&1 || true
  kill "$prober"
  wait "$prober" 2>/dev/null || true
  calls=$(wc -l <"$probes")
  answered=$(grep -c '^200 ' "$probes" || true)
  slowest=$(sort -k2 -n "$probes" | tail -1 | cut -d' ' -f2)
  most=$(cut -d' ' -f3 "$probes" | sort -n | tail -1)
  left=$(tail -1 "$probes" | cut -d' ' -f3)
  told="$answered of $calls calls of others answered, the slowest in $slowest s; $most files open at most, $left in the end"
  [ "$calls" -gt 0 ] && [ "$answered" = "$calls" ] && [ "$left" -le $((connections / 10)) ]
}

attack() {
  if besiege "$@"; then held "$1: $told"; else found "$1: $told"; fi
}

echo "slowhttptest $("$slowhttptest" -h | grep -o '[0-9.]*$' | head -1) against a server with the fault"
start_weak
connections=50 rate=50 seconds=15
besiege weak -H -u "$url/" && found 'nothing, where there is something'

connections=3000 rate=300 seconds=60
echo 'slowhttptest against filmgate, as it is by default'
start_filmgate
attack slow-header -H -x 24 -u "$url/graphql"
attack slow-body -B -s 60000 -x 10 -f application/json -u "$url/graphql"
attack range -R -a 5 -b 3000 -t HEAD -u "$url/playground/basic"
judge_log
echo 'slowhttptest against filmgate, limits off, so that every answer is a long one'
start_filmgate FILMGATE_LIMITS__ENABLED=false
# They come slowly too: how many answers fit into a second is not what is asked here.
rate=100 seconds=90
attack slow-read -X -k 3 -w 1 -y 16 -n 5 -z 4 -u "$url/openapi.json"
judge_log
conclude
