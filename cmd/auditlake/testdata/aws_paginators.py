"""Walks through the pages of a running `auditlake serve` with the paginators of boto3 and its usual retries.
The environment names server and key. Prints one item a line, after the operation's name."""
import boto3

trail = boto3.client("cloudtrail")


def walk(operation, paginator, members, key, page_size):
    for page in trail.get_paginator(paginator).paginate(PaginationConfig={"PageSize": page_size}):
        for item in page[members]:
            print(operation, item[key])


walk("LookupEvents", "lookup_events", "Events", "EventId", 5)
walk("ListImports", "list_imports", "Imports", "ImportId", 1)
