"""Drives a server with the Trino Python client: trino_client.py HOST PORT."""

import datetime
import math
import sys
import threading
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import trino

host, port = sys.argv[1], int(sys.argv[2])


def connect(**options):
    return trino.dbapi.connect(host=host, port=port, user="ann", catalog="auditlake", schema="default", **options)


def ask(connection, sql, *parameters):
    cursor = connection.cursor()
    cursor.execute(sql, *parameters)
    return [tuple(row) for row in cursor.fetchall()]


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def fails(connection, sql, name, message):
    try:
        rows = ask(connection, sql)
    except trino.exceptions.TrinoQueryError as e:
        equal(e.error_name, name)
        equal(message in e.message, True)
        return e
    raise AssertionError(f"{sql}: no error but {rows!r}")


utc = ZoneInfo("UTC")
VALUES = [
    ("NULL", None),
    ("true", True),
    ("TINYINT '-128'", -128),
    ("SMALLINT '32767'", 32767),
    ("-2147483648", -2147483648),
    ("BIGINT '9223372036854775807'", 9223372036854775807),
    ("REAL '1.5'", 1.5),
    ("1e100", 1e100),
    ("-infinity()", -math.inf),
    ("DECIMAL '-1.50'", Decimal("-1.50")),
    ("DECIMAL '99999999999999999999999999999999999999'", Decimal("9" * 38)),
    ("'é\n\"\\'", 'é\n"\\'),
    ("CAST('a' AS char(3))", "a  "),
    ("X'0001ff'", b"\x00\x01\xff"),
    ("JSON '{\"a\": [1]}'", '{"a":[1]}'),
    ("DATE '2024-02-29'", datetime.date(2024, 2, 29)),
    ("TIME '01:02:03.004'", datetime.time(1, 2, 3, 4000)),
    ("TIMESTAMP '2024-02-29 01:02:03'", datetime.datetime(2024, 2, 29, 1, 2, 3)),
    ("TIMESTAMP '2024-02-29 01:02:03.123456'", datetime.datetime(2024, 2, 29, 1, 2, 3, 123456)),
    ("TIMESTAMP '2024-02-29 01:02:03 UTC'", datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=utc)),
    ("TIMESTAMP '2024-02-29 01:02:03 Europe/Berlin'",
     datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=ZoneInfo("Europe/Berlin"))),
    ("TIMESTAMP '2024-02-29 01:02:03 -05:30'",
     datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.timezone(-datetime.timedelta(hours=5, minutes=30)))),
    ("INTERVAL '1' DAY", datetime.timedelta(days=1)),
    ("UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", uuid.UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59")),
    ("IPADDRESS '10.0.0.1'", "10.0.0.1"),
    ("ARRAY[1, NULL, 3]", [1, None, 3]),
    ("ARRAY[ARRAY[DATE '2024-02-29']]", [[datetime.date(2024, 2, 29)]]),
    ("MAP(ARRAY[1, 2], ARRAY['a', NULL])", {1: "a", 2: None}),
    ("CAST(ROW(1, DECIMAL '2.5') AS row(a bigint, b decimal(3, 1)))", (1, Decimal("2.5"))),
]


def check_types():
    connection = connect()
    for sql, want in VALUES:
        (got,), = ask(connection, f"SELECT {sql}")
        equal(got, want)
    equal(math.isnan(ask(connection, "SELECT nan()")[0][0]), True)
    (row,), = ask(connection, "SELECT CAST(ROW(1, 'x') AS row(a bigint, b varchar))")
    equal((row.a, row.b), (1, "x"))
    cursor = connection.cursor()
    cursor.execute("SELECT 1 AS a, DECIMAL '1.50' AS b, CAST('x' AS varchar(5)) AS c")
    cursor.fetchall()
    equal([(c.name, c.type_code) for c in cursor.description], [("a", "integer"), ("b", "decimal(3, 2)"), ("c", "varchar(5)")])


def check_pages():
    rows = ask(connect(), "SELECT x, y, lpad('', 40, 'é') FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 10)) u (y)")
    equal(len(rows), 100_000)
    equal(len({(x, y) for x, y, _ in rows}), 100_000)


def check_events():
    (count, first), = ask(connect(), "SELECT count(*), min(eventtime) FROM main")
    equal(count > 0, True)
    equal(isinstance(first, datetime.datetime), True)
    equal(ask(connect(), "SHOW TABLES"), [("main",)])


def check_errors():
    error = fails(connect(), "SELECT 1,\n  nope FROM main", "COLUMN_NOT_FOUND", "line 2:3: Column 'nope' cannot be resolved")
    equal((error.error_type, error.error_code), ("USER_ERROR", 47))
    equal(error.error_location, (2, 3))
    fails(connect(), "SELECT 1 / (x - x) FROM UNNEST(ARRAY[1]) t (x)", "DIVISION_BY_ZERO", "Division by zero")
    fails(connect(timezone="Europe/Berlin"), "DELETE FROM main", "NOT_SUPPORTED", "Only SELECT")


ENDLESS = "SELECT count(*) FROM " + ", ".join(f"UNNEST(sequence(1, 10000)) t{i} (x{i})" for i in range(4)) + " WHERE x0 + x1 + x2 + x3 < 0"


def check_cancel():
    cursor = connect().cursor()
    outcome = []

    def run():
        try:
            cursor.execute(ENDLESS)
            outcome.append(cursor.fetchall())
        except trino.exceptions.TrinoQueryError as e:
            outcome.append(e.error_name)
        except Exception as e:  # what the client says of a query that it closed itself
            outcome.append(type(e).__name__)

    thread = threading.Thread(target=run)
    thread.start()
    while cursor.query_id is None or cursor.stats is None or cursor.stats.get("state") != "RUNNING":
        thread.join(0.05)
        equal(thread.is_alive(), True)
    cursor.cancel()
    thread.join(60)
    equal(thread.is_alive(), False)
    equal(outcome[0] in ("USER_CANCELED", "TrinoUserError"), True)


def check_session():
    connection = connect(timezone="Asia/Tokyo")
    (zone, now, user), = ask(connection, "SELECT current_timezone(), now(), current_user")
    equal((zone, str(now.tzinfo), user), ("Asia/Tokyo", "Asia/Tokyo", "ann"))
    ask(connection, "SET TIME ZONE 'Europe/Berlin'")
    equal(ask(connection, "SELECT current_timezone()"), [("Europe/Berlin",)])
    ask(connection, "USE auditlake.default")
    equal(ask(connection, "SELECT current_catalog, current_schema"), [("auditlake", "default")])


def check_prepared():
    connection = connect()
    ask(connection, "PREPARE other FROM SELECT 1")  # the client never sends an empty list
    ask(connection, "PREPARE q FROM SELECT 'a, b' AS x")
    equal(ask(connection, "EXECUTE q"), [("a, b",)])
    ask(connection, "DEALLOCATE PREPARE q")
    fails(connection, "EXECUTE q", "NOT_FOUND", "Prepared statement not found: q")
    equal(ask(connection, "EXECUTE IMMEDIATE 'SELECT ''it''''s'''"), [("it's",)])
    equal(ask(connection, "SELECT ? || 'b', ? + 1, ? FROM UNNEST(ARRAY[3, 4]) t (x) WHERE x > ? LIMIT ?",
              ("it's", 41, datetime.date(2026, 1, 31), 3, 1)), [("it'sb", 42, datetime.date(2026, 1, 31))])
    fails(connection, "EXECUTE IMMEDIATE 'SELECT ?' USING 1, 2", "INVALID_PARAMETER_USAGE", "expected 1 but found 2")


for check in [check_types, check_pages, check_events, check_errors, check_cancel, check_session, check_prepared]:
    check()
    print("ok", check.__name__)
