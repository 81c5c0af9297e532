"""Reads and writes ORC files with pyarrow (the C++ implementation of ORC) for the Go tests.

    check_pyarrow.py dump DIR     for each DIR/*.orc: its rows as text in DIR/*.txt
    check_pyarrow.py write DIR    files of every type, compression and encoding, and their rows

A row is one line: the values of its columns, comma separated, in a form that Go can print alike.
"""
import datetime
import decimal
import glob
import itertools
import os
import random
import struct
import sys

import pyarrow as pa
import pyarrow.orc as orc


def text(value, kind):
    if value is None:
        return "null"
    if pa.types.is_boolean(kind):
        return "true" if value else "false"
    if pa.types.is_integer(kind):
        return str(value)
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return struct.pack(">d", value).hex()
    if pa.types.is_decimal(kind):
        return str(int(value.scaleb(kind.scale, decimal.Context(prec=60))))
    if pa.types.is_string(kind):
        return "'" + value.encode().hex()
    if pa.types.is_binary(kind):
        return "x" + value.hex()
    if pa.types.is_date(kind):
        return str((value - datetime.date(1970, 1, 1)).days)
    if pa.types.is_map(kind):
        return "{" + ",".join(text(k, kind.key_type) + ":" + text(v, kind.item_type) for k, v in value) + "}"
    if pa.types.is_list(kind):
        return "[" + ",".join(text(v, kind.value_type) for v in value) + "]"
    if pa.types.is_struct(kind):
        return "(" + ",".join(text(value[f.name], f.type) for f in kind) + ")"
    raise ValueError(kind)


def column_text(column):
    kind = column.type
    if pa.types.is_timestamp(kind):
        nanos = column.cast(pa.timestamp("ns", kind.tz)).cast(pa.int64())
        return [text(v, pa.int64()) for v in nanos.to_pylist()]
    return [text(v, kind) for v in column.to_pylist()]


def dump(path, table):
    columns = [column_text(c) for c in table.columns]
    with open(path[: -len(".orc")] + ".txt", "w") as out:
        for row in zip(*columns):
            out.write(",".join(row) + "\n")


def maybe(rnd, share, make):
    return None if rnd.random() < share else make()


def any_int(rnd, i, bits):
    # constant, rising, falling, small, with outliers, any
    limit = 1 << (bits - 1)
    kind = i // 300 % 6
    if kind == 0:
        return 42
    if kind == 1:
        return i % limit
    if kind == 2:
        return -(i * 2 % limit)
    if kind == 3:
        return rnd.randrange(100)
    if kind == 4:
        return rnd.randrange(limit) if rnd.random() < 0.03 else rnd.randrange(20)
    return rnd.randrange(-limit, limit)


def table(rows, nulls, seed):
    rnd = random.Random(seed)
    some = lambda make: [maybe(rnd, nulls, lambda: make(i)) for i in range(rows)]
    words = ["", "GetObject", "日本語", "Ünï", "x" * 2000]
    word = lambda i: rnd.choice(words)
    # ORC cannot hold the second before 1970 whole
    instant = lambda i: rnd.choice([0, 999_999, 1_000_000, 123_456_789]) + 10**9 * rnd.choice(
        [0, 1, -2, -10, -86400 * 365 * 20, 1420070399, 1420070400, 2**31, rnd.randrange(2**32)])
    return pa.table({
        "flag": pa.array(some(lambda i: rnd.random() < 0.3), pa.bool_()),
        "i8": pa.array(some(lambda i: any_int(rnd, i, 8)), pa.int8()),
        "i16": pa.array(some(lambda i: any_int(rnd, i, 16)), pa.int16()),
        "i32": pa.array(some(lambda i: any_int(rnd, i, 32)), pa.int32()),
        "i64": pa.array(some(lambda i: any_int(rnd, i, 64)), pa.int64()),
        "f32": pa.array(some(lambda i: rnd.gauss(0, 1)), pa.float32()),
        "f64": pa.array(some(lambda i: rnd.gauss(0, 1e9)), pa.float64()),
        "dec9": pa.array(some(lambda i: decimal.Decimal(rnd.randrange(-10**9, 10**9)).scaleb(-2)), pa.decimal128(12, 2)),
        "dec38": pa.array(some(lambda i: decimal.Decimal(rnd.randrange(-10**37, 10**37)).scaleb(-10, decimal.Context(prec=60))), pa.decimal128(38, 10)),
        "word": pa.array(some(word), pa.string()),
        "unique": pa.array(some(lambda i: "%x-%d" % (rnd.getrandbits(100), i)), pa.string()),
        "bin": pa.array(some(lambda i: rnd.randbytes(rnd.randrange(30))), pa.binary()),
        "day": pa.array(some(lambda i: datetime.date(1970, 1, 1) + datetime.timedelta(rnd.randrange(-20000, 40000))), pa.date32()),
        "ts": pa.array(some(instant), pa.timestamp("ns")),
        "instant": pa.array(some(instant), pa.timestamp("ns", "UTC")),
        "list": pa.array(some(lambda i: [maybe(rnd, nulls, lambda: any_int(rnd, i, 64)) for _ in range(rnd.randrange(4))]), pa.list_(pa.int64())),
        "map": pa.array(some(lambda i: [("k%d" % k, maybe(rnd, nulls, lambda: word(i))) for k in range(rnd.randrange(4))]), pa.map_(pa.string(), pa.string())),
        "who": pa.array(some(lambda i: {"name": maybe(rnd, nulls, lambda: word(i)), "in": maybe(rnd, nulls, lambda: {"id": i})}),
                        pa.struct([("name", pa.string()), ("in", pa.struct([("id", pa.int32())]))])),
        "deep": pa.array(some(lambda i: [maybe(rnd, nulls, lambda: {"tags": [maybe(rnd, nulls, lambda: word(i)) for _ in range(rnd.randrange(3))]}) for _ in range(rnd.randrange(3))]),
                         pa.list_(pa.struct([("tags", pa.list_(pa.string()))]))),
    })


def write(folder):
    plans = itertools.chain(
        itertools.product(["uncompressed", "zlib", "snappy", "lz4", "zstd"], ["0.12"], [0.2], [3000], [0.0]),
        itertools.product(["zlib"], ["0.11"], [0, 0.2], [3000], [0.0, 1.0]),
        itertools.product(["zstd"], ["0.12"], [0, 1], [1, 3000], [1.0]),
        itertools.product(["uncompressed", "zstd"], ["0.12"], [0.1], [20000], [1.0]),
    )
    for n, (compression, version, nulls, rows, threshold) in enumerate(plans):
        for stride in (1000, 100_000):
            path = os.path.join(folder, f"{n:02d}-{compression}-{version}-{nulls}-{rows}-{threshold}-{stride}.orc")
            t = table(rows, nulls, n)
            orc.write_table(t, path, file_version=version, compression=compression, stripe_size=1 << 19,
                            compression_block_size=1 << 16, row_index_stride=stride, batch_size=512,
                            compression_strategy="speed" if n % 2 else "compression",
                            dictionary_key_size_threshold=threshold, bloom_filter_columns=[10, 11])
            dump(path, t)
    empty = os.path.join(folder, "empty.orc")
    t = table(0, 0, 0)
    orc.write_table(t, empty)
    dump(empty, t)


def main():
    command, folder = sys.argv[1:]
    if command == "write":
        write(folder)
        return
    for path in sorted(glob.glob(os.path.join(folder, "*.orc"))):
        t = orc.ORCFile(path).read()
        t.validate(full=True)
        dump(path, t)


main()
