#!/usr/bin/env python3
"""Has the MCP server for WorkSpaces administrators (`workspaces-euc-mcp-server`, unmodified) read the simulated AWS.

Every read-only tool it offers is called, over stdio as an assistant would; a tool reports AWS errors in its answer under
`errors`, and there must be none. Prints one line of JSON: the tools called and the WorkSpaces counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

# Tools about things that the simulated account does not have: there is nothing to name.
NAMES_OTHER_THINGS = {"fleet_name", "pool_id", "portal_arn", "portal"}


def errors_in(answer: object) -> list[str]:
    """What the tool could not read, wherever in its answer it says so."""
    found: list[str] = []
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key == "errors" and isinstance(value, list):
                found += [json.dumps(error) for error in value]
            else:
                found += errors_in(value)
    elif isinstance(answer, list):
        for value in answer:
            found += errors_in(value)
    return found


async def read_all(endpoint: str) -> dict:
    env = dict(
        os.environ,
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="AKIASIMULATED0000000",
        AWS_SECRET_ACCESS_KEY="simulated",
        AWS_REGION="us-east-1",
        AWS_DEFAULT_REGION="us-east-1",
        FASTMCP_LOG_LEVEL="ERROR",
    )
    server = StdioServerParameters(
        command=str(Path(sys.executable).parent / "workspaces-euc-mcp-server"),
        args=["--region", "us-east-1", "--no-sso-auto-login"],
        env=env,
    )
    async with stdio_client(server, errlog=open(os.devnull, "w")) as (read, write), ClientSession(read, write) as session:
        await session.initialize()

        async def call(tool: str, arguments: dict) -> dict:
            result = await session.call_tool(tool, arguments)
            text = "".join(part.text for part in result.content if part.type == "text")
            if result.isError:
                raise SystemExit(f"{tool}({arguments}) failed: {text}")
            answer = json.loads(text)
            bad = errors_in(answer)
            if bad:
                raise SystemExit(f"{tool}({arguments}) could not read: {bad}")
            return answer

        summary = await call("get_euc_inventory_summary", {})
        inventory = await call("generate_inventory_report", {})
        workspace = first_workspace(inventory)
        known = {
            "workspace_id": {"workspace_id": workspace},
            "workspace_ids": {"workspace_ids": [workspace]},
            "service": {
                "service": "personal",
                "compute_type": "STANDARD",
                "operating_system": "Windows",
                "root_volume_gib": 80,
                "user_volume_gib": 50,
            },
        }
        called = ["get_euc_inventory_summary", "generate_inventory_report"]
        answers: dict[str, dict] = {}
        for tool in (await session.list_tools()).tools:
            required = tool.inputSchema.get("required", [])
            if tool.name in called or NAMES_OTHER_THINGS.intersection(required):
                continue
            arguments = {}
            for name in required:
                arguments.update(known[name])
            answers[tool.name] = await call(tool.name, arguments)
            called.append(tool.name)
        prices = answers["get_euc_service_prices"]
        return {"ok": True, "tools": called, "workspaces": summary["total_resources"], "prices": prices}


def first_workspace(report: object) -> str:
    """Some `ws-…` of the inventory."""
    text = json.dumps(report)
    at = text.find('"ws-')
    if at < 0:
        raise SystemExit("the inventory names no WorkSpace")
    return text[at + 1 : text.index('"', at + 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    print(json.dumps(asyncio.run(read_all(parser.parse_args().endpoint))))


if __name__ == "__main__":
    main()
