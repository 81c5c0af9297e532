"""Compares the segments of a lake, read with pyarrow, with what SQL answers.

    check_segments.py LIST

LIST is a JSON array of segments: {"path", "day", "rows"}, and of days: {"day", "answer"}, where
answer is a file of the day's rows as SQL has them, an object a line. A timestamp is its
milliseconds since 1970, a row the list of its fields, a map the list of its [key, value] pairs.
"""
import base64
import datetime
import hashlib
import json
import sys

import pyarrow as pa
import pyarrow.orc as orc

EPOCH = datetime.datetime(1970, 1, 1)
MILLISECOND = datetime.timedelta(milliseconds=1)
DAY = 24 * 60 * 60 * 1000
# Computed when it is read.
NOT_STORED = "eventjsonchecksum"


def plain(value, kind):
    if value is None:
        return None
    if pa.types.is_timestamp(kind):
        return (value.replace(tzinfo=None) - EPOCH) // MILLISECOND
    if pa.types.is_map(kind):
        return [[plain(k, kind.key_type), plain(v, kind.item_type)] for k, v in value]
    if pa.types.is_list(kind):
        return [plain(v, kind.value_type) for v in value]
    if pa.types.is_struct(kind):
        return [plain(value[field.name], field.type) for field in kind]
    return value


def rows_of(segment):
    table = orc.ORCFile(segment["path"]).read()
    assert table.num_rows == segment["rows"], f"{table.num_rows} rows, the manifest has {segment['rows']}"
    columns = {f.name: [plain(v, f.type) for v in table[f.name].to_pylist()] for f in table.schema}
    rows = [dict(zip(columns, values)) for values in zip(*columns.values())]
    times = [row["eventtime"] for row in rows]
    assert times == sorted(times), "rows are not sorted by eventtime"
    first = (datetime.datetime.fromisoformat(segment["day"]) - EPOCH) // MILLISECOND
    assert all(first <= t < first + DAY for t in times), "rows of another day"
    return rows


def checksum(row):
    return base64.b64encode(hashlib.sha256(row["eventjson"].encode()).digest()).decode()


def check_day(day, stored):
    with open(day["answer"]) as lines:
        answered = [json.loads(line) for line in lines]
    for row in stored:
        row[NOT_STORED] = checksum(row)
    canonical = lambda rows: sorted(json.dumps(row, sort_keys=True) for row in rows)
    for ours, theirs in zip(canonical(answered), canonical(stored)):
        assert ours == theirs, f"{day['day']}: SQL has\n{ours}\npyarrow has\n{theirs}"
    assert len(answered) == len(stored), f"{day['day']}: SQL has {len(answered)} rows, pyarrow {len(stored)}"


def main():
    with open(sys.argv[1]) as text:
        todo = json.load(text)
    stored = {day["day"]: [] for day in todo["days"]}
    for segment in todo["segments"]:
        try:
            stored[segment["day"]] += rows_of(segment)
        except Exception as problem:
            raise SystemExit(f"{segment['path']}: {problem!r}")
    for day in todo["days"]:
        check_day(day, stored[day["day"]])
    print(f"{len(todo['segments'])} segments, {sum(map(len, stored.values()))} rows")


main()
