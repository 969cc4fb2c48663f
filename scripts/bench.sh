#!/usr/bin/env bash
# Every benchmark, one after the other, alone on the machine. docs/benchmarks.md holds what was measured.
set -euo pipefail
cd "$(dirname "$0")/.."

for name in bench/*/; do
	echo "== ${name%/}"
	go run "./${name%/}"
	echo
done
