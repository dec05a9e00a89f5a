#!/usr/bin/env bash
# npm run bench on a machine without Node (pack.ts, which packs this, says how). BASE is a folder outside the tree.
#   bash bench.sh unpack FOLDER ...   FOLDER has archives of pack.ts; this script then stands in $BASE/benches, too
#   bash $BASE/benches/bench.sh NAME [ARGUMENT ...]   a suite and its arguments; log and figures go to $OUT
# Suites with a page run $CHROME, whose libraries may stand in a folder `lib` beside it.
set -euo pipefail
BASE=${BASE:-/root/easel} OUT=${OUT:-$PWD/out}
THERE=$BASE/benches CHROME=${CHROME:-$BASE/chrome/chromium-headless-shell}

if [ "$1" = unpack ]; then
  shift
  mkdir -p "$THERE"
  for folder in "$@"; do
    for archive in "$folder"/*.tar*; do tar -xf "$archive" -C "$THERE"; done
  done
  cp "${BASH_SOURCE[0]}" "$THERE/bench.sh" 2>/dev/null || true # it may be that one
  du -sm "$THERE"
  exit
fi

# The libraries are the browser's alone: Node has the machine's own.
cat >"$THERE/chromium" <<END
#!/bin/sh
export LD_LIBRARY_PATH="$(dirname "$CHROME")/lib"
exec "$CHROME" "\$@"
END
chmod +x "$THERE/chromium"
mkdir -p "$OUT"
cd "$OUT" && ln -sfn . out # where suites lay their figures
log=$OUT/$(echo "bench-$*" | tr -c 'A-Za-z0-9\n._-' _).log
CHROMIUM=$THERE/chromium "$THERE/node" "$THERE/src/cli/bench.mjs" "$@" 2>&1 | tee "$log"
