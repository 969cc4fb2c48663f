#!/usr/bin/env bash
# Rewrites what is made from the code: the description of the API.
set -euo pipefail
cd "$(dirname "$0")/.."

data=$(mktemp -d)
./bin/vitrine serve --data "$data" --listen 127.0.0.1:0 >"$data/out" 2>"$data/log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true; rm -rf "$data"' EXIT

for _ in $(seq 100); do
	url=$(sed -n 's/^listening on //p' "$data/out")
	[ -n "$url" ] && break
	kill -0 $server 2>/dev/null || { cat "$data/log" >&2; exit 1; }
	sleep 0.1
done
curl -sSf "$url/api/v1/openapi.json" | node -e '
	const api = JSON.parse(require("fs").readFileSync(0, "utf8"))
	delete api.servers // the address of this run
	process.stdout.write(JSON.stringify(api, null, 1) + "\n")' >docs/openapi.json
echo "docs/openapi.json is up to date"
