"""Answers questions, one line of JSON each on standard input, {"sql": …}, with one line of JSON each on standard output:
seconds, CPU seconds, and rows as lists of values with their names; or an error. The first argument says who answers: duckdb
or chdb; the others are statements to begin with."""

import datetime
import decimal
import json
import math
import sys
import time


def plain(value):
    """A value as JSON says it; times without trailing zeros."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.timedelta)):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


class DuckDB:
    def __init__(self, first):
        import duckdb

        self.connection = duckdb.connect()
        for statement in ["SET enable_progress_bar = false", "SET threads = 2", *first]:
            self.connection.execute(statement)

    def ask(self, sql):
        cursor = self.connection.execute(sql)
        rows = cursor.fetchall()
        return [c[0] for c in cursor.description], rows


class ClickHouse:
    def __init__(self, first):
        from chdb.session import Session

        self.session = Session()
        for statement in ["SET max_threads = 2", "SET join_use_nulls = 1", *first]:
            self.session.query(statement)

    def ask(self, sql):
        lines = str(self.session.query(sql, "JSONCompactEachRowWithNames")).splitlines()
        if not lines:
            return [], []
        return json.loads(lines[0]), [json.loads(line) for line in lines[1:]]


peer = {"duckdb": DuckDB, "chdb": ClickHouse}[sys.argv[1]](sys.argv[2:])
print("ready", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    started, cpu = time.perf_counter(), time.process_time()
    try:
        names, rows = peer.ask(request["sql"])
        answer = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "names": names, "rows": [plain(row) for row in rows]}
    except Exception as error:  # whatever it is, it is the answer
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
