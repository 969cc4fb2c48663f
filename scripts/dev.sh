#!/usr/bin/env bash
# Server and web UI side by side: vite serves the UI with hot reload and hands API calls to the server.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$1 listen=$2

./bin/vitrine serve --data "$data" --listen "$listen" --demo &
server=$!
trap 'kill $server 2>/dev/null; wait $server' EXIT
VITRINE_DEV_SERVER="http://$listen" npm --prefix web run dev
