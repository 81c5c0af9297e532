"""Drives a server through SQLAlchemy and pandas: sqlalchemy_client.py HOST PORT."""

import sys

import pandas
import trino
from sqlalchemy import MetaData, Table, create_engine, func, inspect, select, text

host, port = sys.argv[1], int(sys.argv[2])
engine = create_engine(f"trino://ann@{host}:{port}/auditlake/default")


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def check_inspection():
    i = inspect(engine)
    equal(i.get_schema_names(), ["default", "information_schema"])
    equal(i.get_table_names(), ["main"])
    equal(i.get_view_names(), [])
    equal(i.has_table("main"), True)
    equal(i.has_table("nothing"), False)
    columns = {c["name"]: c for c in i.get_columns("main")}
    equal(columns["eventtime"]["type"].compile(engine.dialect), "TIMESTAMP(3)")
    equal(str(columns["eventname"]["type"]), "VARCHAR")
    equal((columns["eventid"]["nullable"], columns["eventid"]["comment"]), (True, "unique id of the event"))
    equal(i.get_table_comment("main"), {"text": None})
    equal(i.get_pk_constraint("main")["constrained_columns"], [])
    equal(i.get_foreign_keys("main"), [])
    equal(i.get_indexes("main"), [])
    equal("system" in i.dialect.get_catalog_names(engine.connect()), True)
    equal("columns" in i.get_table_names("information_schema"), True)


def check_reflection():
    main = Table("main", MetaData(), autoload_with=engine)
    with engine.connect() as c:
        (count, first), = c.execute(select(func.count(), func.min(main.c.eventtime)))
        equal(count > 0, True)
        names = c.execute(select(main.c.eventname, func.count()).group_by(main.c.eventname).order_by(func.count().desc(), main.c.eventname)).all()
        equal(sum(n for _, n in names), count)
        equal(engine.dialect.server_version_info, ("476",))


def check_pandas():
    counts = pandas.read_sql(text("SELECT eventsource, count(*) AS events FROM main GROUP BY 1 ORDER BY 1"), engine)
    equal(list(counts.columns), ["eventsource", "events"])
    with engine.connect() as c:
        equal(int(counts["events"].sum()), c.execute(text("SELECT count(*) FROM main")).scalar())
    ids = pandas.read_sql_table("main", engine, columns=["eventid", "eventtime"])
    equal(len(ids), int(counts["events"].sum()))


def check_runtime():
    with engine.connect() as c:
        node, = c.execute(text("SELECT http_uri, node_version, coordinator, state FROM system.runtime.nodes")).all()
        equal(tuple(node), (f"http://{host}:{port}", "476", True, "active"))
        own, = c.execute(text("SELECT state, \"user\", source FROM system.runtime.queries WHERE query LIKE '%here I am%'")).all()
        equal(own[1:], ("ann", "trino-sqlalchemy"))
        equal(own[0] in ("PLANNING", "RUNNING"), True)


def check_transactions():
    transactional = create_engine(engine.url, connect_args={"isolation_level": trino.dbapi.IsolationLevel.READ_COMMITTED})
    with transactional.connect() as c:
        before = c.execute(text("SELECT count(*) FROM main")).scalar()
        open_one, = c.execute(text("SELECT isolation_level, read_only FROM system.runtime.transactions")).all()
        equal(tuple(open_one), ("READ UNCOMMITTED", False))  # the client begins without naming its level
        c.commit()
        equal(c.execute(text("SELECT count(*) FROM main")).scalar(), before)
        c.rollback()
    with engine.connect() as c:
        equal(c.execute(text("SELECT count(*) FROM system.runtime.transactions")).scalar(), 0)


for check in [check_inspection, check_reflection, check_pandas, check_runtime, check_transactions]:
    check()
    print("ok", check.__name__)
