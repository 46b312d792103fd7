#!/usr/bin/env python3
"""Has Cloud Custodian (`c7n`, unmodified) read the simulated AWS by policies as its users write them.

Prints one line of JSON: how many resources each policy found; exits with 1 when a policy failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

POLICIES = """
policies:
  - name: all-workspaces
    resource: workspaces
  - name: known-connections
    resource: workspaces
    filters:
      - type: connection-status
        key: ConnectionState
        value: present
  - name: always-on-and-idle
    resource: workspaces
    filters:
      - "WorkspaceProperties.RunningMode": ALWAYS_ON
      - type: connection-status
        value_type: age
        key: LastKnownUserConnectionTimestamp
        op: ge
        value: 0
  - name: of-a-team
    resource: workspaces
    filters:
      - "tag:Team": present
  - name: used-this-week
    resource: workspaces
    filters:
      - type: metrics
        name: UserConnected
        namespace: AWS/WorkSpaces
        statistics: Maximum
        days: 7
        op: ge
        value: 1
  - name: directories
    resource: workspaces-directory
  - name: images
    resource: workspaces-image
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--custodian", required=True, help="the program, in an environment of its own")
    arguments = parser.parse_args()
    env = dict(
        os.environ,
        AWS_ENDPOINT_URL=arguments.endpoint,
        AWS_ACCESS_KEY_ID="AKIASIMULATED0000000",
        AWS_SECRET_ACCESS_KEY="simulated",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
    )
    with tempfile.TemporaryDirectory() as folder:
        policies = Path(folder, "policies.yml")
        policies.write_text(POLICIES)
        out = Path(folder, "out")
        command = [arguments.custodian, "run", "--cache-period", "0", "-s", str(out), str(policies)]
        run = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
        if run.returncode != 0 or "ERROR" in run.stderr:
            raise SystemExit(f"custodian: {run.returncode}\n{run.stdout}{run.stderr}")
        found = {path.parent.name: len(json.loads(path.read_text())) for path in out.glob("*/resources.json")}
    print(json.dumps({"ok": True, **found}))


if __name__ == "__main__":
    main()
