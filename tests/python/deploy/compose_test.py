"""What can be said of docker-compose.yml without an engine: tests/compose/checks.py over the file as it is written. What it is as
containers is tests/compose/run's."""

import pathlib
import re
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests/compose"))

import checks  # noqa: E402
from engine import Failed  # noqa: E402
from rules import fewest  # noqa: E402

WRITTEN = (ROOT / "docker-compose.yml").read_text()


def read(text):
    """The file with its anchors followed and nothing set."""
    return yaml.safe_load(re.sub(r"\$\{\w+(?::-([^}]*))?\}", r"\1", text))


def whole(text):
    """The same as compose prints it."""
    found = {key: value for key, value in read(text).items() if not key.startswith("x-")}
    # Who shares a part has it, and not a reference to it.
    plain = yaml.SafeDumper
    plain.ignore_aliases = lambda *_: True
    return checks.parts(yaml.dump(found, Dumper=plain))


def wrong(before, after):
    """The file with a fault in it."""
    assert before in WRITTEN, before
    return whole(WRITTEN.replace(before, after, 1))


class Compose(unittest.TestCase):
    """Memory, ports, headers, caddy's configuration."""

    def setUp(self):
        self.said = []

    def test_it_fits_the_machine(self):
        checks.memory(whole(WRITTEN), self.said.append)
        self.assertIn("of 3600", self.said[0])
        with self.assertRaises(Failed):
            checks.memory(wrong("mem_limit: 640m", "mem_limit: 2640m"), self.said.append)

    def test_only_caddy_is_reached(self):
        checks.reached(whole(WRITTEN), self.said.append)
        for fault in (("127.0.0.1:${STACK_GRAFANA_PORT", "${STACK_GRAFANA_PORT"), ("networks: [back, watch]", "networks: [back, public]")):
            with self.assertRaises(Failed):
                checks.reached(wrong(*fault), self.said.append)

    def test_everything_that_runs_on_has_its_limits(self):
        without = []
        for service, parts in whole(WRITTEN).items():
            once = re.search(r"restart: '?no", parts.get("restart", ""))
            if not once and not {"mem_limit", "pids_limit"} <= set(parts) or not once and not {"cpus", "cpu_shares"} & set(parts):
                without.append(service)
        self.assertEqual(without, [])

    def test_a_process_is_missed_where_fewer_run_than_it_starts(self):
        services = read(WRITTEN)["services"]
        self.assertEqual(fewest(), {job: services[job]["deploy"]["replicas"] for job in ("api", "worker")})
        # By its one slot what makes backups is told from the workers.
        self.assertEqual(services["backup"]["environment"]["WHEELHOUSE_WORKER__CONCURRENCY"], "1")
        self.assertNotIn("WHEELHOUSE_WORKER__CONCURRENCY", services["worker"]["environment"])

    def test_what_the_book_says_of_errors_and_traces_fits_the_services(self):
        part = (ROOT / "docs/staging.md").read_text().split("\n## Errors and traces\n")[1].split("\n## ")[0]
        [told] = re.findall(r"(?s)```yaml\n(.*?)```", part)
        services, added = read(WRITTEN)["services"], read(told)["services"]
        # Each that runs on and is a process of ours, but the simulated AWS.
        ours = {name for name, has in services.items() if "restart" in has and has["restart"] != "no" and "WHEELHOUSE_" in str(has.get("environment"))}
        self.assertEqual(set(added), ours)
        settings = (ROOT / "docs/configuration.md").read_text()
        for name, more in added.items():
            has = services[name]
            self.assertIn("outside", [*has["networks"], *more.get("networks", [])], name)
            targets = [volume.split(":")[1] for volume in [*has["volumes"], *more.get("volumes", [])]]
            for variable, value in more["environment"].items():
                self.assertIn(f"| `{variable.removesuffix('_FILE')}` |", settings, variable)
                if variable.endswith("_FILE"):
                    self.assertTrue([at for at in targets if f"{value}/".startswith(f"{at}/")], name)

    def test_each_variable_is_told(self):
        rows = re.findall(r"(?m)^\|( `STACK_\w+`.*?)\|", (ROOT / "docs/staging.md").read_text())
        told = set(re.findall(r"STACK_\w+", " ".join(rows)))
        self.assertEqual(set(re.findall(r"\$\{(STACK_\w+)", WRITTEN)), told)

    def test_who_is_told_of_alerts_is_a_file_that_a_machine_chooses(self):
        ours = "./deploy/alertmanager/alertmanager.yml"
        self.assertTrue((ROOT / ours).is_file())
        service = read(WRITTEN.replace(f"${{STACK_ALERTMANAGER:-{ours}}}", "./mine.yml"))["services"]["alertmanager"]
        [option] = [option for option in service["command"] if option.startswith("--config.file=")]
        self.assertIn(f"./mine.yml:{option.split('=')[1]}:ro", service["volumes"])
        self.assertFalse([volume for volume in service["volumes"] if volume.startswith("./deploy/")])
        # Who copies it is told where the copy is named.
        for page in (ours, "docs/staging.md", "docs/runbook/Watchdog.md"):
            self.assertIn("STACK_ALERTMANAGER", (ROOT / page).read_text(), page)

    def test_each_profile_is_told(self):
        profiles = {profile for service in read(WRITTEN)["services"].values() for profile in service.get("profiles", [])}
        page = (ROOT / "docs/staging.md").read_text() + WRITTEN.split("\n\n")[0]
        self.assertEqual({profile for profile in profiles if f"--profile {profile}" not in page}, {"admin"})

    def test_pages_have_their_headers_and_caddy_takes_its_configuration(self):
        checks.headers(self.said.append)
        checks.caddyfile(lambda site: ["caddy"], self.said.append)
        self.assertEqual(len(self.said), 2)


if __name__ == "__main__":
    unittest.main()
