#!/bin/sh
# Builds the program of the last commit before the newest step of a schema that PostgreSQL sees, in a worktree and a target
# directory of its own (6 GB, removed afterwards), keeps it in the folder $1 and prints its path. For rolling.py.
set -eu
kept=$1
cd "$(dirname "$0")/.."
step=$(git log -1 --format=%H --diff-filter=A -- 'base/store/src/postgres/*.sql' 'base/record/src/ledger/*.sql')
commit=$(git rev-parse --verify --quiet "$step~1") || { echo 'previous: the history ends before the newest schema' >&2; exit 1; }
program="$kept/signet-$commit"
if [ ! -x "$program" ]; then
    build=$(mktemp -d)
    trap 'git worktree remove --force "$build/source" 2> /dev/null; rm -rf "$build"' EXIT
    trap 'exit 1' HUP INT TERM
    git worktree add --quiet --detach "$build/source" "$commit"
    (cd "$build/source" && CARGO_TARGET_DIR="$build/target" cargo build --quiet --locked --release --bin signet) >&2
    mkdir -p "$kept"
    rm -f "$kept"/signet-*
    cp "$build/target/release/signet" "$program"
fi
printf '%s\n' "$program"
