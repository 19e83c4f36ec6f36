#!/usr/bin/env bash
# sslyze, against Mozilla's intermediate configuration, and testssl.sh on TLS, with a certificate of an authority of our own.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sslyze=$(python_tool sslyze sslyze)
testssl=$(debian_tool testssl.sh testssl)

# What testssl says and is none: every suite that is left is a good one, so that the client knows best which is fastest; an
# authority of a test has no list of revoked certificates; and what testssl itself lacked or waited for too long.
no_faults='"(cipher_order|cert_revocation)"|"WARN"'

# comply NAME [OPTION...]: whether sslyze finds the server at $url compliant, and testssl (with these options, or all that it
# does) nothing of medium weight or more.
comply() {
  local place=${url#https://} output=$results/$1
  "$sslyze" --mozilla_config=intermediate --certinfo_ca_file "$scratch/ca.pem" "$place" >"$output.sslyze.txt" 2>&1 || true
  (cd "$scratch" && "$testssl" --quiet --color 0 --warnings batch --openssl-timeout 20 --nodns none \
    --add-ca "$scratch/ca.pem" --severity MEDIUM --csvfile "$output.testssl.csv" "${@:2}" "$place" </dev/null) \
    >"$output.testssl.txt" 2>&1 || true
  grep -q 'COMPLIANCE AGAINST' "$output.sslyze.txt" || { echo "sslyze came to no end, see $output.sslyze.txt" >&2; exit 2; }
  grep -q 'Done .* -->>' "$output.testssl.txt" || { echo "testssl came to no end, see $output.testssl.txt" >&2; exit 2; }
  told=$(sed -n '/COMPLIANCE AGAINST/,$s/^ *\* /sslyze: /p' "$output.sslyze.txt"
    sed -n '2,$s/^/testssl: /p' "$output.testssl.csv" | grep -Ev "$no_faults" || true)
  [ -z "$told" ]
}

echo "sslyze $("$sslyze" --help | grep -o 'version [0-9.]*' | cut -d' ' -f2) and" \
  "testssl $("$testssl" --version | grep -om1 '[0-9]\.[0-9.]*') against a server with the fault"
certify weak rsa:1024 sha1 3650
cat "$scratch/weak.key" >>"$scratch/weak.pem"
start_weak "$scratch/weak.pem"
comply weak --protocols --std && found 'nothing, where there is something'
for fault in 'sslyze: rsa_key_size' 'sslyze: tls_versions' 'sslyze: ciphers' 'testssl: .*cipherlist_aNULL'; do
  grep -q "$fault" <<<"$told" || found "no $fault, where there is one"
done

echo 'sslyze and testssl against filmgate, limits off'
start_filmgate_with_tls FILMGATE_LIMITS__ENABLED=false
if comply filmgate; then
  held "Mozilla's intermediate configuration, and nothing of medium weight or more at testssl"
else
  while read -r fault; do found "$fault"; done <<<"$told"
fi
judge_log

conclude
