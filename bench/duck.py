"""Runs the statements of standard input, one a line, in DuckDB. The rows of the last one, if it has any,
go to standard output as CSV; its seconds are the first line."""

import csv
import sys
import time

import duckdb

connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
statements = [line for line in sys.stdin.read().split("\n") if line.strip()]
for statement in statements[:-1]:
    connection.execute(statement)
start = time.perf_counter()
rows = connection.execute(statements[-1]).fetchall()
print(f"{time.perf_counter() - start:.6f}")
csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
