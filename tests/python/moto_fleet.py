#!/usr/bin/env python3
"""Puts a small fleet into a running moto_server, or takes some of it away, through unmodified boto3.

    moto_server -p 5055 &
    python tests/python/moto_fleet.py --endpoint http://127.0.0.1:5055 create --count 60
    python tests/python/moto_fleet.py --endpoint http://127.0.0.1:5055 terminate --count 5

`create` makes a directory, registers it and creates the WorkSpaces; `terminate` ends the first of them. Both print one
line of JSON: the directory and, for each WorkSpace, id, user, bundle and state. Exits with 1 when moto refuses.
"""

from __future__ import annotations

import argparse
import json
import sys

import boto3
from botocore.exceptions import ClientError


def client(service: str, arguments: argparse.Namespace):
    return boto3.client(
        service,
        region_name=arguments.region,
        endpoint_url=arguments.endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def describe(workspaces) -> list[dict]:
    rows = []
    for page in workspaces.get_paginator("describe_workspaces").paginate():
        rows += page["Workspaces"]
    return rows


def register_directory(arguments: argparse.Namespace) -> str:
    """A network, a Simple AD in it, registered with WorkSpaces."""
    ec2 = client("ec2", arguments)
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{at}.0/24", AvailabilityZone=f"{arguments.region}{zone}")
        ["Subnet"]["SubnetId"]
        for at, zone in ((1, "a"), (2, "b"))
    ]
    directory = client("ds", arguments).create_directory(
        Name="moto.northwind.example", Password="Passw0rd-for-moto", Size="Small",
        VpcSettings={"VpcId": vpc, "SubnetIds": subnets},
    )["DirectoryId"]
    client("workspaces", arguments).register_workspace_directory(
        DirectoryId=directory, SubnetIds=subnets, EnableSelfService=False, Tenancy="SHARED"
    )
    return directory


def create(arguments: argparse.Namespace) -> dict:
    directory = register_directory(arguments)
    workspaces = client("workspaces", arguments)
    wanted = [
        {
            "DirectoryId": directory,
            "UserName": f"person{at:02}",
            "BundleId": "wsb-bh8rsxt14" if at % 3 else "wsb-8vbljg4r6",
            "WorkspaceProperties": {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60}
            if at % 2 else {"RunningMode": "ALWAYS_ON"},
            "Tags": [{"Key": "Team", "Value": ("Red", "Green", "Blue")[at % 3]}],
        }
        for at in range(arguments.count)
    ]
    for at in range(0, len(wanted), 25):
        failed = workspaces.create_workspaces(Workspaces=wanted[at:at + 25])["FailedRequests"]
        if failed:
            raise SystemExit(f"moto refused: {failed[0]}")
    return {"directory": directory}


def terminate(arguments: argparse.Namespace) -> dict:
    workspaces = client("workspaces", arguments)
    ids = [row["WorkspaceId"] for row in describe(workspaces)][:arguments.count]
    for at in range(0, len(ids), 25):
        workspaces.terminate_workspaces(
            TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id} for workspace_id in ids[at:at + 25]]
        )
    return {"terminated": ids}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="such as http://127.0.0.1:5055")
    parser.add_argument("--region", default="us-east-1")
    actions = parser.add_subparsers(dest="action", required=True)
    for action, count in ((create, 60), (terminate, 5)):
        actions.add_parser(action.__name__).add_argument("--count", type=int, default=count)
    arguments = parser.parse_args()
    try:
        result = {"create": create, "terminate": terminate}[arguments.action](arguments)
        result["workspaces"] = [
            {"id": r["WorkspaceId"], "user": r["UserName"], "bundle": r["BundleId"], "state": r["State"]}
            for r in describe(client("workspaces", arguments))
        ]
    except ClientError as problem:
        print(json.dumps({"problem": str(problem)}))
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
