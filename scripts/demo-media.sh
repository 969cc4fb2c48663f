#!/usr/bin/env bash
# Makes ./demo-media: photographs under free licences, taken from two Debian packages without installing
# them, and manifest.json which names each author and licence. Without the registry it draws pictures instead.
# A film, a sound, a document, supporting files and a watermark are made of them here.
set -euo pipefail
cd "$(dirname "$0")/.."

out=demo-media
recipe=$(cat scripts/demo-media.sh scripts/demo/* scripts/drawdemo/*.go | sha256sum)
[ "$(cat $out/.made-by 2>/dev/null)" = "$recipe" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs" "$work/root" "$work/media"

fetch() {
	apt-cache show "$1" >/dev/null 2>&1 || {
		if [ "$(id -u)" -eq 0 ]; then apt-get -q update; else sudo apt-get -q update; fi
	}
	(cd "$work/debs" && apt-get -q download "$1" 2>"$work/apt.log") || { cat "$work/apt.log" >&2; return 1; }
	dpkg -x "$work/debs/$1"_*.deb "$work/root"
}

photographs() {
	fetch lomiri-wallpapers-16.04 && fetch lomiri-wallpapers-20.04 || return 1
	while read -r name source; do
		install -m 644 "$work/root/usr/share/backgrounds/$source" "$work/media/$name" || return 1
	done <scripts/demo/sources.txt
	install -m 644 "$work/root/usr/share/doc/lomiri-wallpapers-16.04/copyright" "$work/media/COPYRIGHT" || return 1
	install -m 644 scripts/demo/manifest.json "$work/media/manifest.json"
}

if ! photographs; then
	echo "demo media: the photographs cannot be had now, drawing pictures instead"
	rm -rf "$work/media"
	go run ./scripts/drawdemo "$work/media"
fi
node scripts/demo/more.mjs "$work/media"
echo "$recipe" >"$work/media/.made-by"

# Renamed into place whole, so that an interrupted run leaves nothing that looks finished.
rm -rf $out
mv "$work/media" $out
chmod 755 $out
echo "demo media: $(ls $out/*.jpg | wc -l) pictures, a film, a sound and a document in ./$out," \
	"authors and licences in ./$out/manifest.json"
