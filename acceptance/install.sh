#!/bin/sh
# Installs the outside clients, pinned, outside the clone (SIGNET_CLIENTS, default ~/.cache/signet/clients).
# From PyPI and npm only; does nothing when what is asked for is there.
set -eu
clients=${SIGNET_CLIENTS:-$HOME/.cache/signet/clients}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$clients"
stamp="$clients/installed"
wanted=$(cat "$here/requirements.txt" "$here/package-lock.json")
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

[ -x "$clients/venv/bin/pip" ] || python3 -m venv "$clients/venv"
"$clients/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"

mkdir -p "$clients/node"
cp "$here/package.json" "$here/package-lock.json" "$clients/node/"
(cd "$clients/node" && npm ci --no-audit --no-fund --silent)
printf '%s\n' "$wanted" > "$stamp"
