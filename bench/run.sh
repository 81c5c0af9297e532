#!/bin/sh
# Measures imports and queries beside DuckDB's in one run and prints Markdown tables:
#
#	bench/run.sh [-events N] [-more TIMES] [-dir DIR] [-cold]
#
# DuckDB is installed with pip into a virtual environment in the temporary folder, unless
# AUDITLAKE_PYTHON names a Python that has it.
set -eu
cd "$(dirname "$0")/.."
python=${AUDITLAKE_PYTHON:-}
if [ -z "$python" ]; then
	venv=${TMPDIR:-/tmp}/auditlake-peers
	python=$venv/bin/python
	[ -x "$python" ] || python3 -m venv "$venv"
	"$python" -c 'import duckdb, chdb, pyarrow' 2>/dev/null || "$python" -m pip install -q duckdb chdb pyarrow
fi
exec go run ./bench -python "$python" "$@"
