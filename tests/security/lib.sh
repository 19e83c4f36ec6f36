# What the testers share: where tools are kept, a filmgate of their own, and how a finding is told. Sourced by each of them.
# shellcheck shell=bash disable=SC2034 # Others use what is set here.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/filmgate/security
# What a tool printed and wrote is kept here for whoever has to look into a finding.
results=$root/target/security/$(basename "$0" .sh)
rm -rf "$results"
mkdir -p "$results" "$cache"

started=()
scratch=$(mktemp -d)
tidy() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  wait
  rm -rf "$scratch"
}
trap tidy EXIT

# python_tool PACKAGE COMMAND: the command's path, installed into an environment of its own where that is missing.
python_tool() {
  local pinned version environment
  pinned=$(grep "^$1==" "$here/requirements.txt")
  version=${pinned#*==}
  environment=$cache/$1-$version
  if [ ! -x "$environment/bin/$2" ]; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check "$pinned" >&2
  fi
  echo "$environment/bin/$2"
}

# debian_tool PACKAGE COMMAND: the command's path, installed where that is missing and somebody may.
debian_tool() {
  if ! command -v "$2" >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$1"; } >"$results/apt.log" 2>&1 || true
  fi
  command -v "$2" || { echo "$2 is missing: install the package $1" >&2; exit 2; }
}

# A build for debugging: there an overflow is a panic, so that a tester can find it. FILMGATE names another one.
filmgate=${FILMGATE:-}
if [ -z "$filmgate" ]; then
  filmgate=$(cd "$root" && cargo build --message-format=json-render-diagnostics |
    grep -o '"executable":"[^"]*/filmgate"' | cut -d'"' -f4)
fi

# start COMMAND...: runs a server until the script ends; $url, $folder, $log and $server have its address, its folder, its log
# and its process.
start() {
  folder=$(mktemp -d "$scratch/XXXX")
  log=$folder/log
  (cd "$folder" && exec "$@" >greeting 2>log) &
  server=$!
  started+=("$server")
  for _ in $(seq 300); do
    url=$(grep -sEom1 'https?://[0-9.:]+' "$folder/greeting") && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "the server did not start:" >&2
  cat "$log" >&2
  exit 2
}

# start_filmgate [VARIABLE=VALUE...]: on a fresh database and a free port, with these settings and no others.
start_filmgate() {
  start env -i PATH="$PATH" FILMGATE_LISTEN=127.0.0.1:0 FILMGATE_LOG__FORMAT=json "$@" "$filmgate"
}

# admin_key: a key for everything, of an account that is made in the database of the filmgate that was started last.
admin_key() {
  local there=(env -i -C "$folder" PATH="$PATH" "$filmgate")
  "${there[@]}" account create tester --role admin --password-stdin <<<'a password of a tester' >/dev/null
  "${there[@]}" key create tester --name security 2>/dev/null
}

# certify NAME KIND DIGEST DAYS [OPTION]: $scratch/NAME.pem and NAME.key, for loopback, of an authority of our own: ca.pem.
certify() {
  local ca=$scratch/ca one=$scratch/$1
  [ -e "$ca.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj '/CN=Authority of a test' -addext keyUsage=critical,keyCertSign -keyout "$ca.key" -out "$ca.pem" 2>/dev/null
  openssl req -new -newkey "$2" ${5:+-pkeyopt "$5"} -nodes -subj "/CN=$1" -keyout "$one.key" 2>/dev/null |
    openssl x509 -req "-$3" -days "$4" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -out "$one.pem" \
      -extfile <(printf '%s\n' subjectAltName=IP:127.0.0.1,DNS:localhost keyUsage=critical,digitalSignature \
        extendedKeyUsage=serverAuth authorityKeyIdentifier=keyid) 2>/dev/null
  cat "$ca.pem" >>"$one.pem"
}

# start_filmgate_with_tls [VARIABLE=VALUE...]: by a certificate as one would buy it.
start_filmgate_with_tls() {
  certify filmgate ec sha256 90 ec_paramgen_curve:P-256
  start_filmgate FILMGATE_TLS__MODE=cert "FILMGATE_TLS__CERT=$scratch/filmgate.pem" \
    "FILMGATE_TLS__KEY=$scratch/filmgate.key" "$@"
}

# start_weak [ARGUMENT...]: the server in which every tester has to find something.
start_weak() {
  start python3 "$here/weak.py" "$@"
}

findings=0
found() {
  echo "  FOUND  $*"
  findings=$((findings + 1))
}
held() {
  echo "  held   $*"
}

# What the tester cannot see from outside: whether a failure of ours or a panic was behind an answer.
judge_log() {
  if grep -q '"level":"ERROR"' "$log"; then
    cp "$log" "$results/filmgate.log"
    found "errors in the log, see $results/filmgate.log"
  else
    held "no error in the log of $(grep -c '"request_id"' "$log" || true) requests"
  fi
}

conclude() {
  [ "$findings" = 0 ] || { echo "  $findings findings; what the tool printed is in $results"; exit 1; }
}
