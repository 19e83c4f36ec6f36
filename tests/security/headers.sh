#!/usr/bin/env bash
# drheaderplus on the header of every kind of answer, over plain HTTP and TLS, and MDN's HTTP Observatory on the pages.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

drheader=$(python_tool drheaderplus drheader)

observatory=$cache/observatory-1.4.8/node_modules/@mdn/mdn-http-observatory
if [ ! -e "$observatory/conf/hsts-preload.json" ]; then
  # Its scripts would fetch a list of hosts that are known to browsers, of which none is asked here.
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$cache/observatory-1.4.8" \
    "@mdn/mdn-http-observatory@1.4.8"
  echo '{}' >"$observatory/conf/hsts-preload.json"
fi

# grade NAME: whether nothing was to be said against the answers of the server at $url.
grade() {
  "$(dirname "$drheader")/python" "$here/headers.py" "$url" >"$results/$1.txt" || exit 2
  [ ! -s "$results/$1.txt" ]
}

attack() {
  if grade "$1"; then
    held "$1: the headers of every kind of answer"
  else
    while read -r fault; do found "$1: $fault"; done <"$results/$1.txt"
  fi
}

echo "drheaderplus $("$drheader" --version | grep -o '[0-9.]*$') against a server with the fault"
start_weak
grade weak && found 'nothing, where there is something'

echo 'drheaderplus and the Observatory against filmgate, limits off'
start_filmgate FILMGATE_LIMITS__ENABLED=false
attack plain
judge_log
# For a moment the port is nobody's, and could become somebody else's: then the start says so.
https_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
start_filmgate_with_tls FILMGATE_LIMITS__ENABLED=false "FILMGATE_LISTEN=127.0.0.1:$https_port" \
  FILMGATE_TLS__REDIRECT_LISTEN=127.0.0.1:0
attack tls
http_port=$(sed -n 's/.*plain HTTP *127.0.0.1:\([0-9]*\).*/\1/p' "$folder/greeting")
graded=$(NODE_EXTRA_CA_CERTS=$scratch/ca.pem node "$here/observatory.mjs" "$observatory" "$http_port" "$https_port" \
  / /playground /playground/films /playground/rest /playground/basic)
while read -r line; do
  if [[ $line == "A+ "* ]]; then held "$line"; else found "$line"; fi
done <<<"$graded"
judge_log

conclude
