#!/usr/bin/env python3
"""Makes and unmakes a fleet in moto_server through boto3.

    moto_fleet.py --endpoint URL create --count 60
    moto_fleet.py --endpoint URL delete ws-… ws-…

Prints one line of JSON: `workspaces`, as DescribeWorkspaces shows them afterwards.
"""

from __future__ import annotations

import argparse
import json

import boto3


def client(service: str, endpoint: str):
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint,
                        aws_access_key_id="testing", aws_secret_access_key="testing")


def everything(workspaces) -> list[dict]:
    rows, token = [], None
    while True:
        answer = workspaces.describe_workspaces(**({"NextToken": token} if token else {}))
        rows += answer["Workspaces"]
        token = answer.get("NextToken")
        if not token:
            return rows


def register_directory(endpoint: str) -> str:
    ec2 = client("ec2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for at, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    directory = client("ds", endpoint).create_directory(
        Name="corp.example.com", Password="Password-4711", Size="Large",
        VpcSettings={"VpcId": vpc, "SubnetIds": subnets},
    )["DirectoryId"]
    client("workspaces", endpoint).register_workspace_directory(
        DirectoryId=directory, SubnetIds=subnets)
    return directory


def create(endpoint: str, count: int) -> None:
    directory = register_directory(endpoint)
    workspaces = client("workspaces", endpoint)
    for first in range(0, count, 25):
        requests = [
            {
                "DirectoryId": directory,
                "UserName": f"user{at:03}",
                "BundleId": ("wsb-bh8rsxt14", "wsb-clj85qzj1")[at % 2],
                "WorkspaceProperties": {"RunningMode": ("AUTO_STOP", "ALWAYS_ON")[at % 3 == 0]},
            }
            for at in range(first, min(first + 25, count))
        ]
        answer = workspaces.create_workspaces(Workspaces=requests)
        if answer["FailedRequests"]:
            raise SystemExit(f"moto refused {answer['FailedRequests']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("create").add_argument("--count", type=int, default=60)
    commands.add_parser("delete").add_argument("ids", nargs="+")
    arguments = parser.parse_args()
    workspaces = client("workspaces", arguments.endpoint)
    if arguments.command == "create":
        create(arguments.endpoint, arguments.count)
    else:
        failed = workspaces.terminate_workspaces(
            TerminateWorkspaceRequests=[{"WorkspaceId": i} for i in arguments.ids])["FailedRequests"]
        if failed:
            raise SystemExit(f"moto refused {failed}")
    print(json.dumps({"workspaces": everything(workspaces)}, default=str))


if __name__ == "__main__":
    main()
