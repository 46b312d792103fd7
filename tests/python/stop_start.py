#!/usr/bin/env python3
"""Stops one WorkSpace and starts another through boto3, and waits until both have arrived.

    stop_start.py --endpoint URL --stop ws-… --start ws-…

Prints one line of JSON with what AWS did not do: `failed`.
"""

from __future__ import annotations

import argparse
import json
import time

import boto3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--stop", required=True)
    parser.add_argument("--start", required=True)
    arguments = parser.parse_args()
    workspaces = boto3.client("workspaces", region_name=arguments.region, endpoint_url=arguments.endpoint,
                              aws_access_key_id="AKIASIMULATED0000000", aws_secret_access_key="simulated")
    failed = workspaces.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": arguments.stop}])["FailedRequests"]
    failed += workspaces.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": arguments.start}])["FailedRequests"]
    wanted = {arguments.stop: "STOPPED", arguments.start: "AVAILABLE"}
    give_up = time.monotonic() + 60
    while not failed:
        rows = workspaces.describe_workspaces(WorkspaceIds=list(wanted))["Workspaces"]
        if {row["WorkspaceId"]: row["State"] for row in rows} == wanted:
            break
        if time.monotonic() > give_up:
            raise SystemExit(f"not in a minute: {rows}")
        time.sleep(0.2)
    print(json.dumps({"failed": failed}, default=str))


if __name__ == "__main__":
    main()
