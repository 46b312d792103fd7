#!/usr/bin/env python3
"""Reads metrics, events, costs and prices from aws-sim through unmodified boto3, and compares them with each other.

Start one with a living fleet in one account, no request limit:

    cargo run -p aws-sim --example serve -- 127.0.0.1:5066 200 7 off 2 alive
    python tests/python/aws_sim_boto3_data.py --endpoint http://127.0.0.1:5066

Prints one line of JSON with what was seen; exits with 1 at the first thing that is not as at AWS.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import urllib.request
from decimal import Decimal

from aws_sim_boto3 import Mismatch, Session, code_of, expect

WORKSPACES_ONLY = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon WorkSpaces"]}}
ACCOUNT = "123456789012"


def month_before(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first days of the month before and of this one."""
    this = today.replace(day=1)
    return (this - dt.timedelta(days=1)).replace(day=1), this


def metrics(session: Session, ledger: dict) -> dict:
    """GetMetricData over three days, in pages, against GetMetricStatistics."""
    watch = session.client("cloudwatch")
    ids = [row["workspace_id"] for row in ledger["workspaces"] if row["figures"]["connected_slots"] > 0][:20]
    expect(len(ids) == 20, "twenty WorkSpaces were used last month")
    end = dt.datetime.now(dt.timezone.utc).replace(minute=0, second=0, microsecond=0)
    start = end - dt.timedelta(days=3)
    stat = lambda id: {
        "Metric": {
            "Namespace": "AWS/WorkSpaces",
            "MetricName": "UserConnected",
            "Dimensions": [{"Name": "WorkspaceId", "Value": id}],
        },
        "Period": 300,
        "Stat": "Maximum",
    }
    queries = [{"Id": f"q{at}", "MetricStat": stat(id)} for at, id in enumerate(ids)]
    pages, points = 0, {f"q{at}": {} for at in range(len(ids))}
    paginator = watch.get_paginator("get_metric_data")
    for page in paginator.paginate(MetricDataQueries=queries, StartTime=start, EndTime=end, MaxDatapoints=2000):
        pages += 1
        for series in page["MetricDataResults"]:
            expect(series["StatusCode"] in ("Complete", "PartialData"), series["StatusCode"])
            points[series["Id"]].update(zip(series["Timestamps"], series["Values"]))
    answer = watch.get_metric_statistics(
        Namespace="AWS/WorkSpaces",
        MetricName="UserConnected",
        Dimensions=[{"Name": "WorkspaceId", "Value": ids[0]}],
        StartTime=start,
        EndTime=end,
        Period=300,
        Statistics=["Maximum"],
    )
    alone = {point["Timestamp"]: point["Maximum"] for point in answer["Datapoints"]}
    expect(alone == points["q0"], "both ways of asking give the same points")
    too_many = [{"Id": f"x{at}", "MetricStat": stat(ids[0])} for at in range(501)]
    code, status = code_of(watch.get_metric_data, MetricDataQueries=too_many, StartTime=start, EndTime=end)
    expect((code, status) == ("ValidationError", 400), f"501 queries: {code} {status}")
    connected = sum(1 for series in points.values() for value in series.values() if value >= 1)
    return {"pages": pages, "points": sum(map(len, points.values())), "connected": connected}


def events(session: Session) -> dict:
    """LookupEvents over the whole past, and an action that shows up in it."""
    trail, workspaces = session.client("cloudtrail"), session.client("workspaces")
    seen, last, total = set(), None, 0
    for page in trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 50}):
        expect(len(page["Events"]) <= 50, "at most 50 a page")
        for event in page["Events"]:
            record = json.loads(event["CloudTrailEvent"])
            expect(record["eventID"] == event["EventId"], "the record is the event's")
            expect(last is None or event["EventTime"] <= last, "newest first")
            last, total = event["EventTime"], total + 1
            seen.add(event["EventId"])
    expect(len(seen) == total, "no event twice")
    stopped = next(row["WorkspaceId"] for row in workspaces.describe_workspaces()["Workspaces"] if row["State"] == "AVAILABLE")
    workspaces.reboot_workspaces(RebootWorkspaceRequests=[{"WorkspaceId": stopped}])
    now = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=2)
    about = trail.lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": stopped}],
        StartTime=now - dt.timedelta(hours=1),
        EndTime=now,
    )["Events"]
    expect(about and about[0]["EventName"] == "RebootWorkspaces", f"the reboot is there: {about}")
    code, _ = code_of(trail.lookup_events, NextToken="made up")
    expect(code == "InvalidNextTokenException", code)
    return {"events": total}


def costs(session: Session, ledger_total: Decimal, start: dt.date, end: dt.date) -> dict:
    """A month by day and usage type, by tag, and by month: the same sum, and the simulator's own."""
    explorer = session.client("ce")

    def ask(granularity: str, group: list) -> Decimal:
        total, token = Decimal(0), None
        while True:
            more = {"NextPageToken": token} if token else {}
            answer = explorer.get_cost_and_usage(
                TimePeriod={"Start": str(start), "End": str(end)},
                Granularity=granularity,
                Metrics=["UnblendedCost", "UsageQuantity"],
                Filter=WORKSPACES_ONLY,
                GroupBy=group,
                **more,
            )
            for row in answer["ResultsByTime"]:
                for part in row["Groups"] or [{"Metrics": row["Total"]}]:
                    total += Decimal(part["Metrics"]["UnblendedCost"]["Amount"])
            token = answer.get("NextPageToken")
            if not token:
                return total

    by_type = ask("DAILY", [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "DIMENSION", "Key": "REGION"}])
    by_tag = ask("DAILY", [{"Type": "TAG", "Key": "Team"}])
    by_month = ask("MONTHLY", [])
    expect(by_type == by_tag == by_month == ledger_total, f"{by_type} {by_tag} {by_month} {ledger_total}")
    old = {"Start": "2020-01-01", "End": "2020-02-01"}
    code, _ = code_of(
        explorer.get_cost_and_usage, TimePeriod=old, Granularity="DAILY", Metrics=["UnblendedCost"]
    )
    expect(code == "ValidationException", code)
    return {"month": str(by_month)}


def prices(session: Session) -> dict:
    """The Price List of a region: three prices of a STANDARD with Windows and its licence."""
    pricing = session.client("pricing")
    filters = [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
        {"Type": "TERM_MATCH", "Field": "bundle", "Value": "Standard"},
        {"Type": "TERM_MATCH", "Field": "license", "Value": "Included"},
        {"Type": "TERM_MATCH", "Field": "operatingSystem", "Value": "Windows"},
        {"Type": "TERM_MATCH", "Field": "storage", "Value": "Root:80 GB,User:50 GB"},
    ]
    found = {}
    for page in pricing.get_paginator("get_products").paginate(ServiceCode="AmazonWorkSpaces", Filters=filters):
        for text in page["PriceList"]:
            product = json.loads(text)
            if product["product"]["productFamily"] != "Enterprise Applications":
                continue
            term = next(iter(product["terms"]["OnDemand"].values()))
            dimension = next(iter(term["priceDimensions"].values()))
            mode = product["product"]["attributes"].get("runningMode")
            price = Decimal(dimension["pricePerUnit"]["USD"])
            if price and mode in ("AlwaysOn", "AutoStop"):
                found[f"{mode} {dimension['unit']}"] = price
    expected = {"AlwaysOn Month": Decimal(35), "AutoStop Month": Decimal("9.75"), "AutoStop Hour": Decimal("0.3")}
    expect(found == expected, f"{found}")
    return {"standard": {key: str(value) for key, value in found.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    endpoint = parser.parse_args().endpoint
    session = Session(endpoint)
    start, end = month_before(dt.datetime.now(dt.timezone.utc).date())

    def ledger(region: str) -> dict:
        query = f"account={ACCOUNT}&region={region}&month={start:%Y-%m}"
        with urllib.request.urlopen(f"{endpoint}/_sim/ledger?{query}") as answer:
            return json.load(answer)

    try:
        regions = {region: ledger(region) for region in ("us-east-1", "eu-central-1")}
        total = sum((Decimal(one["cost"]["total"]) for one in regions.values()), Decimal(0))
        said = {
            "metrics": metrics(session, regions["us-east-1"]),
            "trail": events(session),
            "costs": costs(session, total, start, end),
            "prices": prices(session),
        }
    except Mismatch as mismatch:
        raise SystemExit(f"not as at AWS: {mismatch}") from mismatch
    print(json.dumps({"ok": True, **said}))


if __name__ == "__main__":
    main()
