#!/usr/bin/env bash
# drheaderplus on the header of every kind of answer, of the API and of the pages.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

drheader=$(python_tool drheaderplus drheader)

# grade NAME: whether nothing was to be said against the answers of the server at $url.
grade() {
  "$(dirname "$drheader")/python" "$here/headers.py" "$url" >"$results/$1.txt" || exit 2
  [ ! -s "$results/$1.txt" ]
}

echo "drheaderplus $("$drheader" --version | grep -o '[0-9.]*$') against a server with the fault"
start_weak
grade weak && found 'nothing, where there is something'

echo 'drheaderplus against filmgate, limits off'
start_filmgate FILMGATE_LIMITS__ENABLED=false
if grade filmgate; then
  held "the headers of every kind of answer"
else
  found "$(cat "$results/filmgate.txt")"
fi
judge_log

conclude
