"""The Helm chart: Helm itself lints and renders it; what comes out fits Kubernetes' schemas and what we promise of every pod."""

import pathlib
import re
import unittest

import kubernetes_validate
import yaml
from helm_python.chart import Chart, lint
from helm_python.errors import HelmError

from rules import fewest

ROOT = pathlib.Path(__file__).parents[3]
CHART = ROOT / "deploy/helm/wheelhouse"
# The oldest that the chart takes, and the newest that there are schemas of.
VERSIONS = ("1.30.0", kubernetes_validate.latest_version())
# Every setting, and the places that settings are read from.
VARIABLES = {
    name for page in ("configuration.md", "admin/settings.md")
    for name in re.findall(r"^\| `(WHEELHOUSE_\w+)` ", (ROOT / "docs" / page).read_text(), re.M)
}


def values(name):
    """One of the sets of values that the chart is tried with."""
    return yaml.safe_load((CHART / f"ci/{name}-values.yaml").read_text())


def scaling(key):
    """The example of docs/scaling.md that has this key."""
    parts = map(yaml.safe_load, re.findall(r"(?s)```yaml\n(.*?)```", (ROOT / "docs/scaling.md").read_text()))
    [found] = [part for part in parts if key in part]
    return found


def render(given):
    """Everything that the chart makes of these values."""
    with Chart.load(CHART) as chart:
        rendered = chart.render(given, name="trial", namespace="wheelhouse")
    texts = [text for path, text in sorted(rendered.items()) if path.endswith(".yaml")]
    return [part for text in texts for part in yaml.safe_load_all(text) if part]


def of(parts, kind):
    """The parts of a kind, by component."""
    return {part["metadata"]["labels"]["app.kubernetes.io/component"]: part for part in parts if part["kind"] == kind}


def pods(parts):
    """The pods that come of these parts, by component."""
    return {name: part["spec"]["template"] for kind in ("Deployment", "Job") for name, part in of(parts, kind).items()}


class TheChart(unittest.TestCase):
    """With everything on, and with as little as can be."""

    def setUp(self):
        self.full, self.least = render(values("full")), render(values("least"))

    def test_helm_finds_nothing(self):
        for name in ("full", "least"):
            report = lint(CHART, values(name), strict=True)
            self.assertEqual((report["errors"], [m for m in report["messages"] if m["severity"] > 1]), ([], []), name)

    def test_kubernetes_takes_everything(self):
        for part in self.full + self.least:
            for version in VERSIONS:
                with self.subTest(kind=part["kind"], name=part["metadata"]["name"], version=version):
                    kubernetes_validate.validate(part, version, strict=True)

    def test_the_rules_know_each_tier_as_the_book_has_it_watched(self):
        told = scaling("scrape_configs")
        port, _, renamed = told["scrape_configs"][0]["relabel_configs"]
        jobs = set()
        for name, pod in pods(self.full).items():
            if port["regex"] in {each["name"] for part in pod["spec"]["containers"] for each in part.get("ports", [])}:
                jobs.add(renamed["replacement"] if name == renamed["regex"] else name)
        rules = "".join(path.read_text() for path in (ROOT / "deploy/prometheus/rules").glob("*.yml"))
        asked = {job for found in re.findall(r'job=~?"([^"]+)"', rules) for job in found.split("|")}
        self.assertLessEqual(asked, jobs)
        self.assertGreaterEqual(asked, {"api", "worker", "ai"})

    def test_a_process_is_missed_where_fewer_run_than_there_are_at_least(self):
        given = yaml.safe_load((CHART / "values.yaml").read_text())
        self.assertEqual(fewest().keys(), {"api", "worker"})
        for job, number in fewest().items():
            self.assertEqual((given[job]["replicas"], given[job]["autoscaling"]["minReplicas"]), (number, number), job)
        # By its one slot what makes backups is told from the workers.
        slots = {
            name: self.variables(pods(self.full)[name]["spec"]["containers"][0]).get("WHEELHOUSE_WORKER__CONCURRENCY")
            for name in ("worker", "backup")
        }
        self.assertEqual((slots["worker"], slots["backup"]["value"]), (None, "1"))

    def test_workers_are_scaled_by_what_waits_where_something_tells_it(self):
        external = lambda parts: [each["external"] for each in of(parts, "HorizontalPodAutoscaler")["worker"]["spec"]["metrics"] if each["type"] == "External"]
        given = values("full")
        self.assertEqual(external(render({**given, "worker": {}})), [])
        [rule] = scaling("externalRules")["externalRules"]
        told = external(render({**given, **scaling("worker")}))
        self.assertEqual(told, [{"metric": {"name": rule["name"]["as"]}, "target": {"type": "Value", "value": "60"}}])
        self.assertEqual(external(self.full), told, "the example is the default but for the name")
        rules = (ROOT / "deploy/prometheus/rules/causes.yml").read_text()
        self.assertIn(rule["seriesQuery"], rules, "the same as the alert QueueOld reads")
        self.assertIn(rule["seriesQuery"], rule["metricsQuery"])

    def test_nothing_is_made_twice(self):
        for parts in (self.full, self.least):
            names = [(part["kind"], part["metadata"]["name"]) for part in parts]
            self.assertEqual(len(names), len(set(names)))

    def test_what_there_is(self):
        everything = {"api", "worker", "backup", "web", "ai", "migrate"}
        self.assertEqual(pods(self.full).keys(), everything)
        self.assertEqual(pods(self.least).keys(), {"api", "worker", "web", "migrate"})
        self.assertEqual(of(self.full, "NetworkPolicy").keys(), everything)
        self.assertEqual(of(self.full, "HorizontalPodAutoscaler").keys(), {"api", "worker", "web", "ai"})
        self.assertEqual(of(self.full, "PodDisruptionBudget").keys(), {"api", "worker", "web", "ai"})
        for kind in ("NetworkPolicy", "HorizontalPodAutoscaler", "Ingress", "PersistentVolumeClaim"):
            self.assertEqual(of(self.least, kind), {}, kind)

    def test_no_pod_may_more_than_it_must(self):
        for name, pod in {**pods(self.least), **pods(self.full)}.items():
            with self.subTest(name):
                spec = pod["spec"]
                self.assertTrue(spec["securityContext"]["runAsNonRoot"])
                self.assertEqual(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                [container] = spec["containers"]
                security = container["securityContext"]
                self.assertTrue(security["readOnlyRootFilesystem"])
                self.assertFalse(security["allowPrivilegeEscalation"])
                self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                self.assertTrue(container["resources"]["requests"] and container["resources"]["limits"]["memory"])
                speaks_to_aws = name in ("api", "worker", "backup")
                self.assertEqual("serviceAccountName" in spec, speaks_to_aws)
                self.assertEqual(spec.get("automountServiceAccountToken"), None if speaks_to_aws else False)

    def test_who_serves_is_asked_and_leaves_before_it_ends(self):
        for name, pod in pods(self.full).items():
            [container] = pod["spec"]["containers"]
            with self.subTest(name):
                if name in ("api", "web", "ai"):
                    self.assertEqual(container["livenessProbe"]["httpGet"], {"path": "/health/live", "port": "http"})
                    self.assertEqual(container["readinessProbe"]["httpGet"], {"path": "/health/ready", "port": "http"})
                    leaves = container["lifecycle"]["preStop"]["sleep"]["seconds"]
                    drains = self.variables(container)["WHEELHOUSE_WORKER__DRAIN_SECONDS"]["value"]
                    self.assertGreater(pod["spec"]["terminationGracePeriodSeconds"], leaves + int(drains))
                elif name != "migrate":
                    self.assertEqual(container["livenessProbe"]["httpGet"], {"path": "/metrics", "port": "metrics"})

    @staticmethod
    def variables(container):
        """The variables of a container, by name."""
        return {variable["name"]: variable for variable in container["env"]}

    def test_every_setting_is_one_and_secrets_are_files_that_are_there(self):
        for name, pod in pods(self.full).items():
            [container] = pod["spec"]["containers"]
            files = {
                f"{mount['mountPath']}/{item['path']}"
                for mount in container["volumeMounts"]
                for volume in pod["spec"]["volumes"] if volume["name"] == mount["name"]
                for source in [volume, *volume.get("projected", {}).get("sources", [])] if "secret" in source
                for item in source["secret"]["items"]
            }
            for variable, how in self.variables(container).items():
                with self.subTest(f"{name} {variable}"):
                    self.assertTrue(variable in VARIABLES or variable.removesuffix("_FILE") in VARIABLES, "no such setting")
                    self.assertNotIn("valueFrom", how)
                    if how["value"].startswith("/run/secrets/"):
                        self.assertIn(how["value"], files)

    def test_selectors_services_and_policies_fit_the_pods(self):
        labels = {name: pod["metadata"]["labels"] for name, pod in pods(self.full).items()}
        fits = lambda selector, name: selector.items() <= labels[name].items()
        for name, part in of(self.full, "Deployment").items():
            self.assertTrue(fits(part["spec"]["selector"]["matchLabels"], name))
        for name, part in of(self.full, "Service").items():
            self.assertTrue(fits(part["spec"]["selector"], name))
        for kind, selector in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
            for name, part in of(self.full, kind).items():
                self.assertEqual([n for n in labels if fits(part["spec"][selector]["matchLabels"], n)], [name], kind)
        for part in of(self.full, "NetworkPolicy").values():
            self.assertEqual(part["spec"]["policyTypes"], ["Ingress", "Egress"])

    def test_every_tier_can_tell_of_itself_and_the_model_is_set_up(self):
        for name, pod in pods(self.full).items():
            if name == "migrate":
                continue
            with self.subTest(name):
                told = {variable: how["value"] for variable, how in self.variables(pod["spec"]["containers"][0]).items()}
                self.assertEqual(told["WHEELHOUSE_TRACES__ENDPOINT"], "http://tempo.monitoring:4318")
                self.assertIn("WHEELHOUSE_ERRORS__DSN_FILE", told)
                self.assertEqual("WHEELHOUSE_AI__CONTEXT" in told, name != "web")
                # What is for AWS and the database is not for who has neither.
                self.assertEqual("WHEELHOUSE_PARAMETERS" in told, name not in ("web", "ai"))
                ways = of(self.full, "NetworkPolicy")[name]["spec"]["egress"]
                self.assertIn([{"port": 443}, {"port": 4318}], [way["ports"] for way in ways])
                self.assertIn({"port": 53, "protocol": "UDP"}, [port for way in ways for port in way["ports"]])

    def test_only_the_api_reaches_the_model_and_the_portal_reaches_nothing(self):
        policies = of(self.full, "NetworkPolicy")
        model, metrics = policies["ai"]["spec"]["ingress"]
        selector = model["from"][0]["podSelector"]["matchLabels"]
        self.assertEqual(selector["app.kubernetes.io/component"], "api")
        self.assertEqual(metrics["ports"], [{"port": "metrics"}])
        quiet = of(render({**values("full"), "networkPolicy": {}}), "NetworkPolicy")
        self.assertFalse(quiet["web"]["spec"].get("egress") or quiet["ai"]["spec"].get("egress"))
        outside = [rule for rule in policies["worker"]["spec"]["egress"] if {"port": 587} in rule["ports"]]
        self.assertEqual(outside[0]["to"][0]["ipBlock"]["except"], ["169.254.0.0/16"])

    def test_migrations_run_before_and_as_the_owner(self):
        job = of(self.full, "Job")["migrate"]
        self.assertEqual(job["metadata"]["annotations"]["helm.sh/hook"], "pre-install,pre-upgrade")
        pod = job["spec"]["template"]["spec"]
        self.assertEqual(pod["containers"][0]["args"], ["migrate", "--app-role", "wheelhouse_app"])
        secrets = [source["secret"]["name"] for source in pod["volumes"][1]["projected"]["sources"]]
        self.assertEqual(secrets, ["database-owner", "vault"])

    def test_bad_values_are_refused_by_name(self):
        least = values("least")
        for given, said in (
            ({**least, "publicUrl": ""}, "publicUrl: give the address"),
            ({**least, "image": {}}, "image.registry: say where"),
            ({**least, "database": {"secret": "x"}}, "database.ownerSecret: name the secret"),
            ({**least, "redis": {}}, "redis.secret: name the secret"),
            ({**least, "vault": {}}, "vault.secret: name the secret"),
            ({**least, "backup": {"enabled": True}}, "backup.claim: name the claim"),
        ):
            with self.subTest(said), self.assertRaisesRegex(HelmError, re.escape(said)):
                render(given)
        for given, said in (
            ({**least, "replicas": 3}, "replicas"),
            ({**least, "publicUrl": "wheelhouse.example.org"}, "publicUrl"),
            ({**least, "config": {"LOG": "debug"}}, "LOG"),
            ({**least, "api": {"replicas": "two"}}, "replicas"),
        ):
            with self.subTest(said), Chart.load(CHART) as chart, self.assertRaisesRegex(HelmError, said):
                chart.validate_schema(given)

    def test_chart_and_application_have_one_version(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        [version] = re.findall(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.M)
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))


if __name__ == "__main__":
    unittest.main()
