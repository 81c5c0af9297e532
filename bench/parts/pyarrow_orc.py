"""Reads all columns of the files named, and prints the nanoseconds that it took and how many values are not NULL."""
import sys
import time

import pyarrow
from pyarrow import orc

pyarrow.set_cpu_count(1)
pyarrow.set_io_thread_count(1)
start = time.perf_counter_ns()
values = 0
for path in sys.argv[1:]:
    reader = orc.ORCFile(path)
    for stripe in range(reader.nstripes):
        for column in reader.read_stripe(stripe).columns:
            values += len(column) - column.null_count
print(time.perf_counter_ns() - start, values)
