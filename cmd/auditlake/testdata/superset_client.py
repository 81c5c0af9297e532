"""Drives a server as Apache Superset does, in Superset's own process but without its pages: superset_client.py HOST PORT.

The metadata of Superset lies in memory. What is asked goes its way: the database's description, SQL Lab, the query of a chart."""

import os
import sys
import tempfile
import threading

host, port = sys.argv[1], int(sys.argv[2])
home = tempfile.TemporaryDirectory()
settings = os.path.join(home.name, "settings.py")
with open(settings, "w") as f:
    f.write("SECRET_KEY = 'of a test that ends soon'\nTALISMAN_ENABLED = False\n"
            f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{home.name}/superset.db?check_same_thread=false'\n"
            "FILTER_STATE_CACHE_CONFIG = EXPLORE_FORM_DATA_CACHE_CONFIG = {'CACHE_TYPE': 'SimpleCache'}\n")
os.environ["SUPERSET_CONFIG_PATH"] = settings
os.environ["SUPERSET_HOME"] = home.name

from superset.app import create_app

app = create_app()


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def run():
    from flask_appbuilder import Model
    from superset import db
    from superset.models.core import Database
    from superset.sql.parse import Table

    Model.metadata.create_all(db.engine)
    lake = Database(database_name="lake", sqlalchemy_uri=f"trino://ann@{host}:{port}/auditlake/default", expose_in_sqllab=True)
    db.session.add(lake)
    db.session.commit()
    main = Table("main", "default", "auditlake")
    spec = lake.db_engine_spec
    equal(spec.__name__, "TrinoEngineSpec")
    for check in [check_description, check_functions_and_cost, check_grains, check_sql_lab, check_chart, check_stop]:
        check(lake, spec, main)
        print("ok", check.__name__, flush=True)


def check_description(lake, spec, main):
    equal(lake.get_default_catalog(), "auditlake")
    equal("auditlake" in lake.get_all_catalog_names(), True)
    equal(lake.get_all_schema_names(catalog="auditlake"), {"default", "information_schema"})
    equal({t.table if hasattr(t, "table") else t[0] for t in lake.get_all_table_names_in_schema("auditlake", "default")}, {"main"})
    equal(lake.get_all_view_names_in_schema("auditlake", "default"), set())
    columns = {c["column_name"]: c for c in lake.get_columns(main)}
    equal(spec.get_column_spec(str(columns["eventtime"]["type"])).is_dttm, True)
    equal(str(columns["eventname"]["type"]), "VARCHAR")
    equal(lake.get_indexes(main), [])
    equal(lake.get_pk_constraint(main)["constrained_columns"] or [], [])
    equal(spec.get_extra_table_metadata(lake, main), {})  # a store has no partitions to show
    equal("FROM" in lake.select_star(main, limit=10, show_cols=True, latest_partition=True), True)
    equal(len(lake.get_df(lake.select_star(main, limit=10), "auditlake", "default")), 10)


def check_functions_and_cost(lake, spec, main):
    names = spec.get_function_names(lake)
    equal({"date_trunc", "approx_distinct", "element_at"} <= set(names), True)
    equal(spec.get_allow_cost_estimate({}), True)
    cost, = spec.estimate_query_cost(lake, "auditlake", "default", "SELECT count(*) FROM main WHERE eventtime > TIMESTAMP '2020-01-01 00:00:00'")
    equal(cost["inputTableColumnInfos"][0]["table"]["schemaTable"]["table"], "main")
    equal(len(spec.query_cost_formatter([cost])), 1)


def check_grains(lake, spec, main):
    for grain, expression in spec.get_time_grain_expressions().items():
        frame = lake.get_df(f"SELECT {expression.format(col='eventtime')} AS t, count(*) AS n FROM main GROUP BY 1 ORDER BY 1", "auditlake", "default")
        equal((grain, len(frame) > 0), (grain, True))


def new_query(lake, client_id, sql, limit):
    from superset import db
    from superset.models.sql_lab import Query

    query = Query(database_id=lake.id, client_id=client_id, catalog="auditlake", schema="default", sql=sql, limit=limit, status="pending")
    db.session.add(query)
    db.session.commit()
    return query


def execute(query):
    from superset.sql_lab import execute_sql_statements

    return execute_sql_statements(query.id, query.sql, return_results=True, store_results=False, start_time=None, expand_data=True, log_params=None)


def check_sql_lab(lake, spec, main):
    query = new_query(lake, "some", "SELECT eventname, count(*) AS n FROM main GROUP BY 1; SELECT eventtime, eventname, requestparameters FROM main -- all", 7)
    answer = execute(query)
    equal((query.status, query.rows, len(answer["data"])), ("success", 7, 7))  # of the second statement, with the limit that Superset sets
    equal([c["column_name"] for c in answer["columns"]], ["eventtime", "eventname", "requestparameters"])
    equal(answer["columns"][0]["is_dttm"], True)
    failed = new_query(lake, "wrong", "SELECT nope FROM main", 7)
    equal("'nope'" in execute(failed)["error"], True)
    equal(failed.status, "failed")


def check_stop(lake, spec, main):
    """The Stop button of SQL Lab ends a statement that runs."""
    from superset import db, sql_lab

    endless = " CROSS JOIN ".join(f"UNNEST(sequence(1, 10000)) t{i} (x{i})" for i in range(4))
    query = new_query(lake, "endless", f"SELECT count(*) FROM {endless} WHERE x0 + x1 + x2 + x3 < 0", 7)
    outcome = []

    def ask():
        with app.test_request_context():
            try:
                outcome.append(execute(db.session.get(type(query), number)))
            except Exception as e:
                outcome.append(str(e))

    number = query.id
    thread = threading.Thread(target=ask)
    thread.start()
    while "cancel_query" not in query.extra:
        thread.join(0.1)
        db.session.refresh(query)
        equal(thread.is_alive(), True)
    equal(sql_lab.cancel_query(query), True)
    thread.join(60)
    equal(thread.is_alive(), False)
    # Superset's two threads share its metadata: what it says of the end depends on which is first. There is no answer.
    equal(len(outcome), 1)
    equal("'data'" in str(outcome), False)
    db.session.refresh(query)
    ended = lake.get_df(f"SELECT state FROM system.runtime.queries WHERE query_id = '{query.extra['cancel_query']}'")
    equal(list(ended["state"]), ["FAILED"])


def check_chart(lake, spec, main):
    from datetime import datetime, timedelta
    from superset import db
    from superset.connectors.sqla.models import SqlaTable, SqlMetric

    dataset = SqlaTable(table_name="main", schema="default", catalog="auditlake", database=lake, main_dttm_col="eventtime")
    db.session.add(dataset)
    dataset.fetch_metadata()
    equal(dataset.get_column("eventtime").is_temporal, True)
    dataset.metrics.append(SqlMetric(metric_name="events", expression="count(*)"))
    db.session.commit()
    now = datetime.utcnow()
    asked = dict(
        granularity="eventtime", from_dttm=now - timedelta(days=7), to_dttm=now, is_timeseries=True, groupby=["eventsource"], columns=[], metrics=["events"],
        filter=[{"col": "readonly", "op": "IS FALSE", "val": None}, {"col": "eventname", "op": "NOT IN", "val": ["it's", "DeleteNothing"]}],
        extras={"time_grain_sqla": "P1D", "having": "", "where": "errorcode IS NULL"}, orderby=[("events", False)], row_limit=100, series_limit=5,
        timeseries_limit_metric="events", order_desc=True)
    result = dataset.query(asked)
    equal((result.error_message, str(result.status)), (None, "success"))
    equal(set(result.df.columns) >= {"__timestamp", "eventsource", "events"}, True)
    equal(len(result.df) > 0, True)
    equal("date_trunc('day'" in result.query, True)
    equal("it's" in dataset.values_for_column("eventname"), False)


with app.test_request_context():
    run()
