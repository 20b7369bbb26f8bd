#!/bin/sh
# Runs every acceptance test against the built binary (SIGNET_BIN, default target/debug/signet) and ends with the sum.
# LONG=1 takes the long sizes: 50 kills, 1,000 disables, every boundary of every schema. SIGNET_PREVIOUS_BIN names a program
# that knows an older schema, to upgrade from.
set -eu
cd "$(dirname "$0")"
./install.sh
export PYTHONDONTWRITEBYTECODE=1
python="${SIGNET_CLIENTS:-$HOME/.cache/signet/clients}/venv/bin/python"
if [ -n "${LONG:-}" ]; then kills=50 disables=1000 requests=500 moved=20000 faults=200 rounds=5 schemathesis='--examples 10'; else kills=3 disables=20 requests=50 moved=1000 faults=4 rounds=1 schemathesis='--phases fuzzing --examples 2'; fi
output=$(mktemp)
trap 'rm -f "$output"' EXIT
passed=0 failed=0 skipped=0

# Runs one script and adds its own sum; a script that ends without one counts as a failure.
run() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    timeout 3600 "$@" > "$output" 2>&1 || true
    cat "$output"
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1)
    if [ -z "$sum" ]; then
        printf 'FAIL %s ended without a result\n' "$name"
        sum='0 passed, 1 failed'
    fi
    # shellcheck disable=SC2086 # the sum is split into its words on purpose
    set -- $sum
    passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0}))
}

run 'MSAL for Python' "$python" fixture.py --peer -- "$python" msal_python.py
run 'Graph SDK for Python, v1.0' env GRAPH=v1.0 "$python" fixture.py -- "$python" graph_python.py
run 'Graph SDK for Python, beta' env GRAPH=beta "$python" fixture.py -- "$python" graph_python.py
run 'Graph SDK for Python, more' "$python" fixture.py -- "$python" graph_sdk_more.py
run 'Graph SDK for Python, the directory' "$python" fixture.py -- "$python" graph_sdk_directory.py
run 'Microsoft clients for Node' "$python" fixture.py --peer -- node --no-warnings microsoft_node.mjs
run 'Graph SDK for Node' "$python" fixture.py -- node --no-warnings graph_sdk_node.mjs
run 'Agents SDK for Python' "$python" fixture.py --peer -- "$python" ms_agents_python.py
run 'Agents SDK for Node' "$python" fixture.py --peer -- node --no-warnings ms_agents_node.mjs
run 'Azure Monitor client for Python' "$python" fixture.py -- "$python" log_queries.py
run 'KQL beside duckdb-kql' "$python" fixture.py -- "$python" kql_differential.py
run 'externaldata' "$python" external_data.py
run 'directory API' "$python" directory_api.py
run 'behaviours 1 to 20' "$python" behaviours.py
run 'every operation, by every caller' "$python" permissions.py
# shellcheck disable=SC2086 # words on purpose
run 'schemathesis over OpenAPI' "$python" schemathesis_run.py $schemathesis
run 'examples' "$python" fixture.py -- "$python" examples_test.py
run 'kill switch under load' "$python" kill_switch.py --disables "$disables"
run 'three nodes over PostgreSQL' "$python" nodes.py --kills "$disables"
run 'refusals of a shared database' "$python" database_refusals.py
run 'rolling restart and upgrade' "$python" rolling.py --rounds "$rounds"
run 'back to a moment' "$python" point_in_time.py --by "$([ -n "${LONG:-}" ] && echo time || echo name)"
run 'dashboards and alerts' "$python" watching.py
run 'personal values, erased' "$python" erasure.py
run 'moving house' "$python" moving_house.py --agents "$moved"
run 'the checker of faults' "$python" faults/checker_test.py
run 'faults over three nodes' "$python" many_nodes_faults.py --faults "$faults"
run 'SIGKILL under load' "$python" kill9.py --kills "$kills"
run 'removal of very many agents' "$python" big_removal.py --agents "${REMOVED:-$([ -n "${LONG:-}" ] && echo 100000 || echo 2000)}"
run 'alert rules' "$python" alerts.py
run 'logs that grow old' "$python" log_retention.py --kills "$kills"
run 'logs that grow old on two nodes' "$python" retention_nodes.py --kills "$kills" --records "$([ -n "${LONG:-}" ] && echo 12000 || echo 200)"
run 'exports to real receivers' "$python" exports.py
run 'exports and alerts over two nodes' "$python" exports_nodes.py --rounds "$rounds"
run 'the log of the real record by others, and killed in a round' "$python" transparency.py --kills "$kills"
run 'anchors, and what an auditor finds with them' "$python" anchors.py
run 'the transparency log by others' "$python" tlog_proofs.py
run 'order of sync and answer' "$python" fsync_trace.py --requests "$requests" run

printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
