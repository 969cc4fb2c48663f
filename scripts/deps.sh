#!/usr/bin/env bash
# Installs the Debian packages a set needs, only those that are missing, in one apt-get call.
#   scripts/deps.sh run               build and run the server
#   scripts/deps.sh run office        the above, and pictures of office documents
#   scripts/deps.sh run office test   the above, and what the suites use
#   scripts/deps.sh run bench         what the benchmarks measure against
# LibreOffice is a set of its own: it takes 300 MB (100 MB to fetch), and a library without office documents does
# well without it. The suites prove the conversion, so they install it.
set -euo pipefail

run=(ca-certificates gcc libc6-dev pkg-config libvips-dev libimage-exiftool-perl ffmpeg poppler-utils fonts-dejavu-core)
office=(libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui)
test=(postgresql-15 libvips-tools chromium zbar-tools librsvg2-bin imagemagick strace unzip curl)
bench=(nginx-light wrk libvips-tools imagemagick curl)

die() { echo "deps: $*" >&2; exit 1; }

[ $# -gt 0 ] || die "say which set: run, office, test, bench"

command -v go >/dev/null || die "Go 1.26 or newer is needed and is not on the PATH"
command -v node >/dev/null || die "Node 20.19 or newer is needed and is not on the PATH"
command -v npm >/dev/null || die "npm is needed and is not on the PATH"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
	die "Node $(node --version) is too old: 20.19 or newer is needed"

wanted=()
for set in "$@"; do
	case $set in
	run) wanted+=("${run[@]}") ;;
	office) wanted+=("${office[@]}") ;;
	test) wanted+=("${test[@]}") ;;
	bench) wanted+=("${bench[@]}") ;;
	*) die "no set named $set" ;;
	esac
done

missing=()
for package in "${wanted[@]}"; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

[ -f /etc/debian_version ] || die "install these by hand: ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || die "run as root, or install these by hand: ${missing[*]}"
	root=(sudo)
fi

echo "deps: installing ${missing[*]}"

# The suites start their own PostgreSQL and nginx on free loopback ports. The packages' own services stay
# off: no cluster is made, and a policy that forbids starting lives only as long as this call.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
	"${root[@]}" mkdir -p /etc/postgresql-common
	echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
	"${root[@]}" chmod 755 $policy
	trap '"${root[@]}" rm -f $policy' EXIT
fi

lock=(-o DPkg::Lock::Timeout=300)
"${root[@]}" apt-get "${lock[@]}" update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${lock[@]}" install -y -q --no-install-recommends "${missing[@]}"
