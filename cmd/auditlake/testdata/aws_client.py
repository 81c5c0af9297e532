"""Asks a running `auditlake serve` with boto3: python aws_client.py http://HOST:PORT"""
import base64
import hashlib
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
account = "123456789012"


def client(service, **credentials):
    return boto3.client(service, endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}), **credentials)


trail = client("cloudtrail")


def equal(got, want):
    if got != want:
        raise SystemExit(f"got {got!r}, want {want!r}")


def fails(code, call, **members):
    try:
        call(**members)
    except ClientError as e:
        equal(e.response["Error"]["Code"], code)
        return e
    raise SystemExit(f"{call} should have failed with {code}")


def main_store():
    (store,) = [s for s in trail.list_event_data_stores()["EventDataStores"] if s["Name"] == "main"]
    return store["EventDataStoreArn"]


def run(sql, **members):
    query = trail.start_query(QueryStatement=sql, **members)["QueryId"]
    for _ in range(1200):
        state = trail.describe_query(QueryId=query)["QueryStatus"]
        if state not in ("QUEUED", "RUNNING"):
            equal(state, "FINISHED")
            return query
        time.sleep(0.1)
    raise SystemExit("the query does not end")


def check_identity():
    identity = client("sts").get_caller_identity()
    equal((identity["Account"], identity["Arn"]), (account, f"arn:aws:iam::{account}:root"))
    fails("SignatureDoesNotMatch", client("sts", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="x").get_caller_identity)
    fails("InvalidClientTokenId", client("sts", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x").get_caller_identity)
    fails("UnrecognizedClientException", client("cloudtrail", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x").list_event_data_stores)


def check_stores():
    made = trail.create_event_data_store(Name="boto", RetentionPeriod=90, TerminationProtectionEnabled=False,
                                         TagsList=[{"Key": "team", "Value": "sec"}, {"Key": "bare"}])
    arn = made["EventDataStoreArn"]
    got = trail.get_event_data_store(EventDataStore=arn)
    equal((got["Status"], got["RetentionPeriod"], got["CreatedTimestamp"]), ("ENABLED", 90, made["CreatedTimestamp"]))
    trail.add_tags(ResourceId=arn, TagsList=[{"Key": "more", "Value": "1"}])
    pages = list(trail.get_paginator("list_tags").paginate(ResourceIdList=[arn, main_store()]))
    equal([[t["Key"] for t in r["TagsList"]] for p in pages for r in p["ResourceTagList"]], [["team", "bare", "more"], []])
    try:
        trail.create_event_data_store(Name="boto")
        raise SystemExit("the name is taken")
    except trail.exceptions.EventDataStoreAlreadyExistsException as e:
        equal(e.response["ResponseMetadata"]["HTTPStatusCode"], 400)
    trail.delete_event_data_store(EventDataStore=arn)
    fails("InactiveEventDataStoreException", trail.start_query, QueryStatement="SELECT 1 FROM " + arn.split("/")[1])
    equal(trail.restore_event_data_store(EventDataStore=arn)["Status"], "ENABLED")
    e = fails("EventDataStoreNotFoundException", trail.get_event_data_store, EventDataStore="6a2f0b4e-11d7-4f0a-9a5e-2c8d7e1f3b90")
    equal(e.response["ResponseMetadata"]["HTTPStatusCode"], 404)


def check_pages():
    store = main_store().split("/")[1]
    query = run(f"SELECT eventID, eventTime FROM {store} ORDER BY eventTime, eventID LIMIT 25")
    rows, token = [], {}
    while True:
        page = trail.get_query_results(QueryId=query, MaxQueryResults=10, **token)
        rows += page["QueryResultRows"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    equal(len(rows), 25)
    equal(page["QueryStatistics"]["TotalResultsCount"], 25)
    equal([list(column) for column in rows[0]], [["eventID"], ["eventTime"]])
    equal(len({row[0]["eventID"] for row in rows}), 25)
    fails("InvalidNextTokenException", trail.get_query_results, QueryId=query, NextToken="abcdefgh")
    listed = trail.list_queries(EventDataStore=store)["Queries"]
    equal([q["QueryStatus"] for q in listed if q["QueryId"] == query], ["FINISHED"])
    query = run("SELECT '?' AS a, ? AS b, null AS c", QueryParameters=["it's", "7"])
    equal(trail.get_query_results(QueryId=query)["QueryResultRows"], [[{"a": "it's"}, {"b": "7"}, {"c": None}]])


def check_imports():
    pages = list(trail.get_paginator("list_imports").paginate(Destination=main_store(), PaginationConfig={"PageSize": 1}))
    equal([len(p["Imports"]) for p in pages], [1])
    done = trail.get_import(ImportId=pages[0]["Imports"][0]["ImportId"])
    equal(done["ImportStatus"], "COMPLETED")
    equal(done["ImportStatistics"]["EventsCompleted"] > 0, True)
    failures = trail.get_paginator("list_import_failures").paginate(ImportId=done["ImportId"])
    equal([f for p in failures for f in p["Failures"]], [])


def check_audit_events():
    selectors = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]
    store = trail.create_event_data_store(Name="activity", MultiRegionEnabled=False, AdvancedEventSelectors=selectors)["EventDataStoreArn"]
    channel = trail.create_channel(Name="app", Source="Custom", Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store}])["ChannelArn"]
    data = client("cloudtrail-data")

    def event(name):
        activity = {
            "version": "1.0", "userIdentity": {"type": "User", "principalId": "jane"}, "eventSource": "app.example.com", "eventName": "L\u00f6schen",
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "UID": name, "recipientAccountId": account,
        }
        text = json.dumps(activity, ensure_ascii=False)
        return {"id": name, "eventData": text, "eventDataChecksum": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}

    events = [event("one"), event("two"), dict(event("three"), eventDataChecksum="AAAA")]
    first = data.put_audit_events(channelArn=channel, auditEvents=events)
    equal([e["id"] for e in first["successful"]], ["one", "two"])
    equal([(e["id"], e["errorCode"]) for e in first["failed"]], [("three", "InvalidChecksum")])
    equal(data.put_audit_events(channelArn=channel, auditEvents=events[:2])["successful"], first["successful"])
    fails("DuplicatedAuditEventId", data.put_audit_events, channelArn=channel, auditEvents=[events[0], events[0]])
    fails("ChannelNotFound", data.put_audit_events, channelArn=channel[:-4] + "0000", auditEvents=events[:1])
    query = run(f"SELECT eventID, eventData.eventName FROM {store.split('/')[1]} ORDER BY eventData.uid")
    rows = trail.get_query_results(QueryId=query)["QueryResultRows"]
    equal([(r[0]["eventID"], r[1]["eventName"]) for r in rows], [(e["eventID"], "L\u00f6schen") for e in first["successful"]])


for check in [check_identity, check_stores, check_pages, check_imports, check_audit_events]:
    check()
    print("ok", check.__name__)
