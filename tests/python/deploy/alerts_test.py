"""From a figure that is wrong to somebody who is told: a real Prometheus and a real Alertmanager with what deploy/ has for them."""

import datetime
import re
import subprocess
import unittest

import yaml

from watchers import DOCS, ROOT, Alertmanager, Metrics, Person, Prometheus, wait

DEAD = 'wheelhouse_jobs{{kind="sync-workspaces",state="dead"}} {0}\nwheelhouse_jobs{{kind="report",state="dead"}} {0}\n'


def alert(name, ended=False, **labels):
    """An alert as Prometheus posts it, which began a minute ago."""
    now = datetime.datetime.now(datetime.timezone.utc)
    ends = {"endsAt": now.isoformat()} if ended else {}
    began = (now - datetime.timedelta(minutes=1)).isoformat()
    return {"labels": {"alertname": name, "severity": "page", **labels}, "startsAt": began, **ends}


def names(alerts):
    """Their names."""
    return {one["labels"]["alertname"] for one in alerts}


class Alerts(unittest.TestCase):
    """Somebody is told."""

    def setUp(self):
        self.person = Person()
        self.addCleanup(self.person.end)
        self.alertmanager = Alertmanager(self.person)
        self.addCleanup(self.alertmanager.end)

    def test_a_wrong_figure_is_told_once_with_its_page_and_again_when_it_is_right(self):
        metrics = Metrics(DEAD.format(2))
        self.addCleanup(metrics.end)
        prometheus = Prometheus(metrics.address, self.alertmanager.address)
        self.addCleanup(prometheus.end)
        status, alerts = self.person.next()
        self.assertEqual((status, names(alerts)), ("firing", {"JobsDead"}))
        self.assertEqual({one["labels"]["kind"] for one in alerts}, {"sync-workspaces", "report"})
        for one in alerts:
            self.assertEqual(one["annotations"]["runbook_url"], f"{DOCS}/runbook/JobsDead.md")
            self.assertEqual((one["labels"]["severity"], "docs" in one["labels"]), ("ticket", False))
            self.assertIn("2 are dead", one["annotations"]["summary"])
        self.assertTrue((ROOT / "docs/runbook/JobsDead.md").exists())
        metrics.text = DEAD.format(0)
        status, alerts = self.person.next()
        self.assertEqual((status, names(alerts), len(alerts)), ("resolved", {"JobsDead"}, 2))

    def follows(self, cause, consequences):
        """While the cause lasts nobody is told of the consequences, but of everything else; then of them too."""
        self.alertmanager.post(alert(cause))
        self.assertEqual(names(self.person.next()[1]), {cause})
        told, others = set(), {"ApiMissing", "DiskFilling"}
        self.alertmanager.post(*map(alert, [*consequences, *others]))
        while told != others:
            status, alerts = self.person.next()
            told |= names(alerts)
            self.assertEqual((status, told & consequences), ("firing", set()))
        self.assertEqual(self.alertmanager.held_back(), consequences)
        self.alertmanager.post(alert(cause, ended=True))
        while not told >= consequences:
            told |= names(self.person.next()[1])

    def test_what_follows_from_a_database_that_is_away(self):
        self.follows(
            "DatabaseDown",
            {"ApiErrorsBurnsFast", "ApiLatencyBurnsSlowly", "QueueOld", "JobsDead", "SyncFreshnessBurnsFast"},
        )

    def test_what_follows_from_missing_workers(self):
        self.follows("WorkerMissing", {"QueueOld", "SyncFreshnessBurnsFast", "SyncFreshnessBurnsSlowly"})

    def test_what_is_silenced_is_told_when_the_silence_ends(self):
        server = f"--alertmanager.url=http://{self.alertmanager.address}"
        silence = self.alertmanager.amtool(
            server, "silence", "add", "--author=somebody", "--comment=The disk is being replaced.", "--duration=1h",
            "alertname=DiskFilling",
        ).strip()
        self.alertmanager.post(alert("DiskFilling", folder="reports"), alert("ModelAway"))
        self.assertEqual(names(self.person.next()[1]), {"ModelAway"})
        self.assertEqual(self.alertmanager.held_back(), {"DiskFilling"})
        self.alertmanager.amtool(server, "silence", "expire", silence)
        self.assertEqual(names(self.person.next()[1]), {"DiskFilling"})

    def test_that_all_is_watched_is_for_whoever_waits_for_it_and_for_nobody_else(self):
        for name, severity, receiver in (
            ("Watchdog", "ticket", "watchdog"), ("JobsDead", "ticket", "people"), ("DatabaseDown", "page", "people"),
        ):
            config = f"--config.file={self.alertmanager.file}"
            said = self.alertmanager.amtool("config", "routes", "test", config, f"alertname={name}", f"severity={severity}")
            # Beside it some versions warn of the flag that names the file.
            self.assertIn(receiver, [line.strip() for line in said.splitlines()])
        comment = (ROOT / "deploy/alertmanager/alertmanager.yml").read_text().split("\nroute:\n")[0]
        [told] = re.findall(r"(?m)^#   - name: watchdog\n(?:#     .*\n?)+", comment)
        [receiver] = yaml.safe_load(re.sub(r"(?m)^# {3}", "", told))
        self.assertFalse(receiver["webhook_configs"][0]["send_resolved"])

    def test_it_takes_the_configuration_and_says_that_it_is_well(self):
        for file in (ROOT / "deploy/alertmanager/alertmanager.yml", self.alertmanager.file):
            self.assertIn("SUCCESS", self.alertmanager.amtool("check-config", file))
        well = lambda: subprocess.run(self.alertmanager.health, capture_output=True, check=False).returncode == 0
        wait("it is well", well)
        self.alertmanager.process.terminate()
        self.alertmanager.process.wait()
        self.assertFalse(well())


if __name__ == "__main__":
    unittest.main()
