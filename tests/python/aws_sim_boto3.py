#!/usr/bin/env python3
"""Uses aws-sim through unmodified boto3, as anybody would use AWS.

Start one with 1,000 WorkSpaces in one account (us-east-1 holds 700, eu-central-1 300), no request limit, short
transitions, and a still fleet, for example:

    cargo run -p aws-sim --example serve -- 127.0.0.1:5066 1000 7 off 2
    python tests/python/aws_sim_boto3.py --endpoint http://127.0.0.1:5066

Prints one line of JSON with what was seen; exits with 1 at the first thing that is not as at AWS.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError


class Mismatch(Exception):
    """Something is not as at AWS."""


def expect(good: bool, what: str) -> None:
    if not good:
        raise Mismatch(what)


def code_of(call, **arguments) -> tuple[str, int]:
    """The error code and HTTP status of a call that must fail."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise Mismatch(f"{call.__name__}({arguments}) should have failed")


class Session:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def client(self, service: str, region: str = "us-east-1", **more):
        keys = dict(aws_access_key_id="AKIASIMULATED0000000", aws_secret_access_key="simulated")
        keys.update(more)
        config = keys.pop("config", Config(retries={"max_attempts": 1}))
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint, config=config, **keys)


def page_all(workspaces) -> tuple[int, list[dict]]:
    """Pages by hand, so that the pages are counted."""
    pages, rows, token = 0, [], None
    while True:
        answer = workspaces.describe_workspaces(**({"NextToken": token} if token else {}))
        pages += 1
        rows += answer["Workspaces"]
        expect(len(answer["Workspaces"]) <= 25, "a page has at most 25 rows")
        token = answer.get("NextToken")
        if not token:
            return pages, rows


def wait_for_state(workspaces, workspace_id: str, wanted: str | None, seconds: float) -> None:
    """Polls until the WorkSpace has the state; `None`: until it is gone."""
    give_up = time.monotonic() + seconds
    while True:
        rows = workspaces.describe_workspaces(WorkspaceIds=[workspace_id])["Workspaces"]
        state = rows[0]["State"] if rows else None
        if state == wanted:
            return
        expect(time.monotonic() < give_up, f"{workspace_id} is {state}, not {wanted}, after {seconds} s")
        time.sleep(0.2)


def check_paging(session: Session, regions: dict[str, int], seen: dict) -> list[dict]:
    total_pages, ids, first_region = 0, set(), []
    for region, count in regions.items():
        pages, rows = page_all(session.client("workspaces", region))
        expect(len(rows) == count, f"{region}: {len(rows)} rows, not {count}")
        expect(pages == math.ceil(count / 25), f"{region}: {pages} pages for {count} rows")
        total_pages += pages
        ids |= {row["WorkspaceId"] for row in rows}
        first_region = first_region or rows
    expect(len(ids) == sum(regions.values()), f"{len(ids)} distinct ids")
    again = page_all(session.client("workspaces", next(iter(regions))))[1]
    expect([r["WorkspaceId"] for r in again] == [r["WorkspaceId"] for r in first_region], "the order is stable")
    paginator = session.client("workspaces", next(iter(regions))).get_paginator("describe_workspaces")
    by_paginator = sum(len(page["Workspaces"]) for page in paginator.paginate())
    expect(by_paginator == len(first_region), "boto3's paginator sees the same rows")
    expect(session.client("workspaces", "ap-south-1").describe_workspaces()["Workspaces"] == [], "empty region")
    seen.update(pages=total_pages, distinct_ids=len(ids))
    return first_region


def check_filters(workspaces, rows: list[dict], seen: dict) -> None:
    one = rows[17]
    ids = [row["WorkspaceId"] for row in rows[:25]]
    got = workspaces.describe_workspaces(WorkspaceIds=ids)["Workspaces"]
    expect([row["WorkspaceId"] for row in got] == ids, "by ids")
    unknown = workspaces.describe_workspaces(WorkspaceIds=["ws-000000000"])["Workspaces"]
    expect(unknown == [], "unknown ids are left out")
    got = workspaces.describe_workspaces(DirectoryId=one["DirectoryId"], UserName=one["UserName"])["Workspaces"]
    expect([row["WorkspaceId"] for row in got] == [one["WorkspaceId"]], "by user")
    for key, filters in (("DirectoryId", {}), ("BundleId", {})):
        paginator = workspaces.get_paginator("describe_workspaces")
        filtered = [row for page in paginator.paginate(**{key: one[key]}) for row in page["Workspaces"]]
        expect(len(filtered) == sum(row[key] == one[key] for row in rows), f"by {key}")
    small = workspaces.describe_workspaces(Limit=3)
    expect(len(small["Workspaces"]) == 3 and small["NextToken"], "a limit of 3")
    seen["states"] = {}
    for row in rows:
        seen["states"][row["State"]] = seen["states"].get(row["State"], 0) + 1


def check_wrong_parameters(session: Session, workspaces, rows: list[dict], seen: dict) -> None:
    one = rows[0]
    token = workspaces.describe_workspaces()["NextToken"]
    describe = workspaces.describe_workspaces
    cases = {
        "two filters": (describe, dict(DirectoryId=one["DirectoryId"], BundleId=one["BundleId"]),
                        "InvalidParameterValuesException"),
        "a user without a directory": (describe, dict(UserName=one["UserName"]), "InvalidParameterValuesException"),
        "a made-up token": (describe, dict(NextToken="bm90IGEgdG9rZW4="), "InvalidParameterValuesException"),
        "a token of another list": (describe, dict(NextToken=token, BundleId=one["BundleId"]),
                                    "InvalidParameterValuesException"),
        "26 ids": (describe, dict(WorkspaceIds=[row["WorkspaceId"] for row in rows[:26]]), "ValidationException"),
        "a limit of 26": (describe, dict(Limit=26), "ValidationException"),
        "a malformed id": (describe, dict(WorkspaceIds=["nonsense"]), "ValidationException"),
        "two rebuilds": (workspaces.rebuild_workspaces,
                         dict(RebuildWorkspaceRequests=[{"WorkspaceId": r["WorkspaceId"]} for r in rows[:2]]),
                         "ValidationException"),
        "tags of nothing": (workspaces.describe_tags, dict(ResourceId="ws-000000000"), "ResourceNotFoundException"),
        "an operation it lacks": (workspaces.describe_connection_alias_permissions, dict(AliasId="wsca-12345678"), "UnknownOperationException"),
    }
    for what, (call, arguments, wanted) in cases.items():
        code, status = code_of(call, **arguments)
        expect((code, status) == (wanted, 400), f"{what}: {code} {status}, not {wanted} 400")
    unsigned = session.client("workspaces", config=Config(signature_version=UNSIGNED, retries={"max_attempts": 1}))
    code, status = code_of(unsigned.describe_workspaces)
    expect(code.startswith("MissingAuthenticationToken") and status == 403, f"unsigned: {code} {status}")
    seen["refusals"] = len(cases) + 1


def check_catalogue(session: Session, workspaces, rows: list[dict], seen: dict) -> None:
    amazons = workspaces.describe_workspace_bundles(Owner="AMAZON")["Bundles"]
    own = workspaces.describe_workspace_bundles()["Bundles"]
    expect(len(amazons) >= 6 and all(bundle["Owner"] == "AMAZON" for bundle in amazons), "Amazon's bundles")
    expect(len(own) >= 2 and all(bundle["Owner"] == "123456789012" for bundle in own), "own bundles")
    expect({row["BundleId"] for row in rows} <= {bundle["BundleId"] for bundle in amazons + own}, "bundles are known")
    one = workspaces.describe_workspace_bundles(BundleIds=[own[0]["BundleId"]])["Bundles"]
    expect([bundle["Name"] for bundle in one] == [own[0]["Name"]], "a bundle by id")
    expect(one[0]["CreationTime"].year >= 2020, "times are times")

    images, token = [], None
    while token or not images:
        answer = workspaces.describe_workspace_images(MaxResults=1, **({"NextToken": token} if token else {}))
        images += answer["Images"]
        token = answer.get("NextToken")
    expect({image["ImageId"] for image in images} == {bundle["ImageId"] for bundle in own}, "own bundles' images")
    expect(all(image["State"] == "AVAILABLE" and image["Created"].year >= 2020 for image in images), "what images are")
    quotas = session.client("service-quotas").get_paginator("list_service_quotas")
    pages = list(quotas.paginate(ServiceCode="workspaces", PaginationConfig={"PageSize": 2}))
    named = {quota["QuotaName"]: quota["QuotaCode"] for page in pages for quota in page["Quotas"]}
    expect(len(pages) > 1 and named["WorkSpaces"] == "L-34278094", f"quotas in pages: {named}")

    directories = workspaces.describe_workspace_directories()["Directories"]
    expect(len(directories) >= 2 and all(d["State"] == "REGISTERED" for d in directories), "directories")
    expect({row["DirectoryId"] for row in rows} <= {d["DirectoryId"] for d in directories}, "directories are known")
    service = session.client("ds").describe_directories()["DirectoryDescriptions"]
    expect({d["DirectoryId"] for d in service} == {d["DirectoryId"] for d in directories}, "Directory Service agrees")
    code, _ = code_of(session.client("ds").describe_directories, DirectoryIds=["d-0000000000"])
    expect(code == "EntityDoesNotExistException", f"an unknown directory: {code}")

    ids = [row["WorkspaceId"] for row in rows[:25]]
    status = workspaces.describe_workspaces_connection_status(WorkspaceIds=ids)["WorkspacesConnectionStatus"]
    expect([row["WorkspaceId"] for row in status] == ids, "connection status by ids")
    states = {row["WorkspaceId"]: row["State"] for row in rows}
    pages = workspaces.get_paginator("describe_workspaces_connection_status") if workspaces.can_paginate(
        "describe_workspaces_connection_status") else None
    everything, token = [], None
    while pages is None:
        answer = workspaces.describe_workspaces_connection_status(**({"NextToken": token} if token else {}))
        everything += answer["WorkspacesConnectionStatus"]
        token = answer.get("NextToken")
        if not token:
            break
    if pages is not None:
        everything = [row for page in pages.paginate() for row in page["WorkspacesConnectionStatus"]]
    expect(len(everything) == len(rows), "connection status of everything")
    connected = [row for row in everything if row["ConnectionState"] == "CONNECTED"]
    expect(all(states[row["WorkspaceId"]] == "AVAILABLE" for row in connected), "who is connected is available")
    expect(all(row["ConnectionState"] == "UNKNOWN" for row in everything if states[row["WorkspaceId"]] == "STOPPED"),
           "the connection of a stopped WorkSpace is unknown")
    seen.update(bundles=len(amazons) + len(own), directories=len(directories), connected=len(connected))


def check_identity(session: Session, seen: dict) -> None:
    sts = session.client("sts")
    me = sts.get_caller_identity()
    expect(me["Account"] == "123456789012" and me["Arn"].startswith("arn:aws:iam::123456789012:"), f"identity {me}")
    role = "arn:aws:iam::123456789012:role/WheelhouseRole"
    for wrong in ({}, {"ExternalId": "guess"}):
        code, status = code_of(sts.assume_role, RoleArn=role, RoleSessionName="trial", **wrong)
        expect((code, status) == ("AccessDenied", 403), f"a role without its external id: {code} {status}")
    made = sts.assume_role(RoleArn=role, RoleSessionName="trial", ExternalId="wheelhouse-demo")["Credentials"]
    keys = dict(
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )
    as_role = session.client("sts", **keys).get_caller_identity()
    expect(as_role["Arn"] == "arn:aws:sts::123456789012:assumed-role/WheelhouseRole/trial", f"as role: {as_role}")
    expect(session.client("workspaces", **keys).describe_workspaces(Limit=1)["Workspaces"], "the role sees the fleet")
    keys["aws_session_token"] = "guess"
    code, status = code_of(session.client("workspaces", **keys).describe_workspaces)
    expect((code, status) == ("UnrecognizedClientException", 403), f"a wrong session token: {code} {status}")
    seen["identity"] = me["Arn"]


def check_tags(workspaces, rows: list[dict], seen: dict) -> None:
    workspace_id = rows[3]["WorkspaceId"]

    def tags() -> dict[str, str]:
        return {t["Key"]: t["Value"] for t in workspaces.describe_tags(ResourceId=workspace_id)["TagList"]}

    before = tags()
    workspaces.create_tags(ResourceId=workspace_id, Tags=[{"Key": "Trial", "Value": "yes"}, {"Key": "Empty", "Value": ""}])
    expect(tags() == {**before, "Trial": "yes", "Empty": ""}, "tags are added")
    workspaces.delete_tags(ResourceId=workspace_id, TagKeys=["Trial", "Empty"])
    expect(tags() == before, "tags are removed")
    code, _ = code_of(workspaces.create_tags, ResourceId=workspace_id,
                      Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
    expect(code == "ResourceLimitExceededException", f"51 tags: {code}")
    tagged = [{t["Key"] for t in workspaces.describe_tags(ResourceId=r["WorkspaceId"])["TagList"]} for r in rows[:40]]
    expect(any("Team" in keys for keys in tagged) and any(not keys for keys in tagged), "some tagged, some not")
    seen["tagged_of_40"] = sum(bool(keys) for keys in tagged)


def check_lifecycle(workspaces, rows: list[dict], wait: float, seen: dict) -> None:
    def of(state: str) -> list[str]:
        return [r["WorkspaceId"] for r in rows
                if r["State"] == state and r["WorkspaceProperties"]["RunningMode"] == "AUTO_STOP"]

    running, stopped = of("AVAILABLE")[:2], of("STOPPED")[:2]
    expect(len(running) == 2 and len(stopped) == 2, "two run and two are stopped")
    mixed = [{"WorkspaceId": w} for w in running + stopped]
    failed = workspaces.stop_workspaces(StopWorkspaceRequests=mixed)["FailedRequests"]
    expect({item["WorkspaceId"] for item in failed} == set(stopped), f"half of the batch fails: {failed}")
    expect(all(item["ErrorCode"] == "OperationNotSupportedException" and item["ErrorMessage"] for item in failed),
           f"failures say why: {failed}")
    state = workspaces.describe_workspaces(WorkspaceIds=running[:1])["Workspaces"][0]["State"]
    expect(state in ("STOPPING", "STOPPED"), f"it is stopping: {state}")
    for workspace_id in running:
        wait_for_state(workspaces, workspace_id, "STOPPED", wait)
    failed = workspaces.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": running[0]},
                                                                 {"WorkspaceId": "ws-000000000"}])["FailedRequests"]
    expect([item["ErrorCode"] for item in failed] == ["ResourceNotFound.Workspace"], f"an unknown one fails: {failed}")
    wait_for_state(workspaces, running[0], "AVAILABLE", wait)
    always_on = next(r["WorkspaceId"] for r in rows if r["State"] == "AVAILABLE"
                     and r["WorkspaceProperties"]["RunningMode"] == "ALWAYS_ON")
    failed = workspaces.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": always_on}])["FailedRequests"]
    expect(len(failed) == 1, "what is always on is not stopped")
    expect(workspaces.reboot_workspaces(RebootWorkspaceRequests=[{"WorkspaceId": always_on}])["FailedRequests"] == [],
           "reboot")
    wait_for_state(workspaces, always_on, "AVAILABLE", wait)
    workspaces.rebuild_workspaces(RebuildWorkspaceRequests=[{"WorkspaceId": running[1]}])
    wait_for_state(workspaces, running[1], "AVAILABLE", wait)
    workspaces.restore_workspace(WorkspaceId=running[1])
    wait_for_state(workspaces, running[1], "AVAILABLE", wait)
    seen.update(stopped=len(running), refused=len(stopped))


def check_changes(workspaces, rows: list[dict], wait: float, seen: dict) -> None:
    directory, bundle = rows[0]["DirectoryId"], rows[0]["BundleId"]
    good = dict(DirectoryId=directory, UserName="b.newcomer", BundleId=bundle, Tags=[{"Key": "Team", "Value": "Trial"}],
                WorkspaceProperties={"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 120})
    bad = dict(good, DirectoryId="d-9000000000")
    answer = workspaces.create_workspaces(Workspaces=[good, bad])
    expect([f["ErrorCode"] for f in answer["FailedRequests"]] == ["ResourceNotFound.Directory"], "one of two fails")
    expect(answer["FailedRequests"][0]["WorkspaceRequest"]["UserName"] == "b.newcomer", "it says which")
    pending, = answer["PendingRequests"]
    expect(pending["State"] == "PENDING", "it is pending")
    new_id = pending["WorkspaceId"]
    wait_for_state(workspaces, new_id, "AVAILABLE", wait)
    row, = workspaces.describe_workspaces(DirectoryId=directory, UserName="b.newcomer")["Workspaces"]
    expect(row["WorkspaceProperties"]["RunningModeAutoStopTimeoutInMinutes"] == 120, "it is as ordered")
    expect(workspaces.describe_tags(ResourceId=new_id)["TagList"] == good["Tags"], "it has its tags")

    modify = workspaces.modify_workspace_properties
    modify(WorkspaceId=new_id, WorkspaceProperties={"RunningMode": "ALWAYS_ON"})
    row, = workspaces.describe_workspaces(WorkspaceIds=[new_id])["Workspaces"]
    expect(row["WorkspaceProperties"]["RunningMode"] == "ALWAYS_ON", "the running mode is changed")
    code, _ = code_of(modify, WorkspaceId=new_id, WorkspaceProperties={"RunningMode": "AUTO_STOP",
                                                                       "RunningModeAutoStopTimeoutInMinutes": 61})
    expect(code == "InvalidParameterValuesException", f"61 minutes: {code}")
    larger = row["WorkspaceProperties"]["UserVolumeSizeGib"] + 50
    modify(WorkspaceId=new_id, WorkspaceProperties={"UserVolumeSizeGib": larger})
    row, = workspaces.describe_workspaces(WorkspaceIds=[new_id])["Workspaces"]
    expect(row["ModificationStates"][0]["Resource"] == "USER_VOLUME", "the volume grows")

    workspaces.modify_workspace_state(WorkspaceId=new_id, WorkspaceState="ADMIN_MAINTENANCE")
    failed = workspaces.reboot_workspaces(RebootWorkspaceRequests=[{"WorkspaceId": new_id}])["FailedRequests"]
    expect(len(failed) == 1, "maintenance refuses")
    workspaces.modify_workspace_state(WorkspaceId=new_id, WorkspaceState="AVAILABLE")
    expect(workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": new_id}])["FailedRequests"] == [],
           "terminate")
    wait_for_state(workspaces, new_id, None, wait)
    seen["created_and_terminated"] = new_id


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="such as http://127.0.0.1:5066")
    parser.add_argument("--workspaces", type=int, default=1000, help="how many it was started with")
    parser.add_argument("--regions", default="us-east-1,eu-central-1", help="as it was started with; 70 %% in the first")
    parser.add_argument("--wait", type=float, default=30, help="seconds to wait for a state")
    arguments = parser.parse_args()

    names = arguments.regions.split(",")
    first = arguments.workspaces if len(names) == 1 else arguments.workspaces * 7 // 10
    regions = {names[0]: first}
    rest = arguments.workspaces - first
    for at, name in enumerate(names[1:]):
        regions[name] = rest // (len(names) - 1) + (at < rest % (len(names) - 1))

    session, seen = Session(arguments.endpoint), {}
    try:
        rows = check_paging(session, regions, seen)
        workspaces = session.client("workspaces", names[0])
        check_filters(workspaces, rows, seen)
        check_wrong_parameters(session, workspaces, rows, seen)
        check_catalogue(session, workspaces, rows, seen)
        check_identity(session, seen)
        check_tags(workspaces, rows, seen)
        check_lifecycle(workspaces, rows, arguments.wait, seen)
        check_changes(workspaces, rows, arguments.wait, seen)
    except (Mismatch, ClientError) as problem:
        print(json.dumps({"ok": False, "problem": str(problem), **seen}, default=str))
        return 1
    print(json.dumps({"ok": True, **seen}, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
