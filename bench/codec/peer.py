"""Reads the column named on each line of the input and prints the CPU nanoseconds that it took."""
import gc
import sys
import time

import pyarrow
from pyarrow import orc

pyarrow.set_cpu_count(1)
pyarrow.set_io_thread_count(1)
path = sys.argv[1]
for line in sys.stdin:
    gc.collect()
    before = time.process_time_ns()
    reader = orc.ORCFile(path)
    rows = 0
    for stripe in range(reader.nstripes):
        rows += reader.read_stripe(stripe, columns=[line.strip()]).num_rows
    took = time.process_time_ns() - before
    assert rows == reader.nrows
    print(took, flush=True)
