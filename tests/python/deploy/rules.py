"""What the rules of deploy/prometheus expect of whoever starts processes."""

import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).parents[3]


def fewest():
    """Below how many processes of a job somebody is told that one is missing, by job."""
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules/causes.yml").read_text())
    [asked] = [rule["expr"] for group in rules["groups"] for rule in group["rules"] if rule.get("alert") == "ProcessMissing"]
    return {job: int(number) for job, number in re.findall(r'count by \(job\) \(\w+\{job="(\w+)"\} [=>]+ 1\) < (\d+)', asked)}
