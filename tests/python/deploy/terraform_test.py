"""The Terraform files, as far as they can be judged without AWS's provider: they parse, name only what there is, and keep what we
promise of them. `terraform validate` and `terraform test` are in .github/workflows/checks.yml, where the provider can be had."""

import collections
import json
import pathlib
import re
import unittest

import hcl2
import yaml

ROOT = pathlib.Path(__file__).parents[3]
FOLDER = ROOT / "deploy/terraform"
TEXTS = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.tf"))}
# What stands before a dot without being a resource's type.
OTHERS = ("var", "local", "data", "each", "count", "path", "one", "self")


def bare(name):
    """A name without the quotes that it is parsed with."""
    return name.strip('"')


def parsed():
    """Everything that is defined: kinds, to names (with their types), to bodies."""
    found = collections.defaultdict(dict)
    for text in TEXTS.values():
        for kind, blocks in hcl2.loads(text).items():
            if not isinstance(blocks, list):
                continue
            for block in blocks:
                for first, rest in block.items():
                    if kind in ("resource", "data"):
                        for name, body in rest.items():
                            found[kind][f"{bare(first)}.{bare(name)}"] = body
                    else:
                        found[kind][bare(first)] = rest
    return found


class Terraform(unittest.TestCase):
    """The files of deploy/terraform."""

    def setUp(self):
        self.parts = parsed()
        self.code = "\n".join(re.sub(r"(?m)^\s*#.*$", "", text) for text in TEXTS.values())

    def test_there_is_what_was_promised(self):
        types = {name.split(".")[0] for name in self.parts["resource"]}
        for wanted in ("aws_vpc", "aws_eks_cluster", "aws_db_instance", "aws_elasticache_replication_group", "aws_s3_bucket"):
            self.assertIn(wanted, types)

    def test_every_name_that_is_used_is_defined(self):
        used = lambda pattern: set(re.findall(pattern, self.code))
        self.assertEqual(used(r"\bvar\.(\w+)"), set(self.parts["variable"]))
        self.assertLessEqual(used(r"\blocal\.(\w+)"), set(self.parts["locals"]))
        self.assertEqual(used(r"\bdata\.(\w+\.\w+)"), set(self.parts["data"]))
        resources = {name for name in used(r"(?<![\w.\"])(aws_\w+\.\w+)")}
        self.assertLessEqual(resources, set(self.parts["resource"]))
        self.assertGreater(len(resources), 20)

    def test_variables_and_outputs_say_what_they_are(self):
        for name, body in self.parts["variable"].items():
            self.assertTrue({"description", "type"} <= body.keys(), name)
        for name, body in self.parts["output"].items():
            self.assertTrue({"description", "value"} <= body.keys(), name)

    def test_plans_name_what_there_is_and_try_every_condition(self):
        text = (FOLDER / "tests/plan.tftest.hcl").read_text()
        plans = hcl2.loads(text)
        runs = {bare(name): body for run in plans["run"] for name, body in run.items()}
        self.assertEqual(len(runs), len(plans["run"]))
        given = {bare(name) for body in runs.values() for block in body.get("variables", []) for name in block if not name.startswith("__")}
        self.assertLessEqual(given, set(self.parts["variable"]))
        named = set(re.findall(r"(?<![\w.\"])(?:data\.)?(aws_\w+\.\w+)", text))
        self.assertLessEqual(named, self.parts["resource"].keys() | self.parts["data"].keys())
        self.assertGreater(len(named), 10)
        refused = set(re.findall(r"expect_failures = \[var\.(\w+)\]", text))
        self.assertEqual(refused, {name for name, body in self.parts["variable"].items() if "validation" in body})

    def test_no_role_may_everything(self):
        for name, body in self.parts["data"].items():
            for statement in body.get("statement", []) if name.startswith("aws_iam_policy_document.") else []:
                denies = bare(statement.get("effect", "")) == "Deny"
                for action in map(bare, statement["actions"]):
                    self.assertTrue(denies or "*" not in action, f"{name} {action}")
                for resource in statement.get("resources", []) if isinstance(statement.get("resources"), list) else []:
                    self.assertNotEqual(bare(resource), "*", name)

    def test_nothing_is_open_to_the_world(self):
        for name, body in self.parts["resource"].items():
            if "security_group" in name:
                self.assertNotIn("0.0.0.0/0", json.dumps(body), name)
        database = self.parts["resource"]["aws_db_instance.this"]
        self.assertFalse(database["publicly_accessible"])
        self.assertEqual(set(re.findall(r"\b(?:user_data|access_key|secret_key|password)\s*=", self.code)), set())

    def test_what_is_kept_is_encrypted_and_not_removed_by_mistake(self):
        resources = self.parts["resource"]
        database = resources["aws_db_instance.this"]
        self.assertTrue(database["storage_encrypted"] and database["deletion_protection"] and database["multi_az"])
        self.assertTrue(database["manage_master_user_password"])
        self.assertTrue(resources["aws_efs_file_system.this"]["encrypted"])
        self.assertTrue(resources["aws_elasticache_replication_group.this"]["at_rest_encryption_enabled"])
        self.assertTrue(resources["aws_s3_bucket.backups"]["object_lock_enabled"])
        for name in ("backups", "reports"):
            closed = resources[f"aws_s3_bucket_public_access_block.{name}"]
            switches = [value for key, value in closed.items() if key.startswith(("block", "ignore", "restrict"))]
            self.assertEqual(switches, [True] * 4, name)
            [versions] = resources[f"aws_s3_bucket_versioning.{name}"]["versioning_configuration"]
            self.assertEqual(bare(versions["status"]), "Enabled", name)

    def test_a_replica_is_only_where_it_is_wanted_and_as_closed_as_the_database(self):
        database, replica = (self.parts["resource"][f"aws_db_instance.{name}"] for name in ("this", "replica"))
        self.assertIn("var.database.replica ?", str(replica["count"]))
        self.assertRegex(TEXTS["variables.tf"], r"replica\s+= optional\(bool, false\)")
        self.assertIn("aws_db_instance.this.identifier", str(replica["replicate_source_db"]))
        # A smaller one could not replay what the primary does.
        for same in ("instance_class", "vpc_security_group_ids", "max_allocated_storage", "publicly_accessible", "storage_encrypted"):
            self.assertEqual(replica[same], database[same], same)
        self.assertEqual(replica["skip_final_snapshot"], True)
        # These are the primary's: AWS refuses a replica with its own.
        self.assertFalse({"username", "db_name", "engine", "manage_master_user_password", "kms_key_id"} & replica.keys())
        parameters = self.parts["resource"]["aws_db_parameter_group.this"]["parameter"]
        named = {bare(parameter["name"]): bare(parameter["value"]) for parameter in parameters}
        self.assertEqual(named, {"rds.force_ssl": "1", "hot_standby_feedback": "1"})

    def test_the_chart_is_given_the_replica_by_the_secret_that_the_readme_makes(self):
        readme = (FOLDER / "README.md").read_text()
        self.assertIn("aws_db_instance.replica", str(self.parts["output"]["database_replica_host"]["value"]))
        first, replica = map(yaml.safe_load, re.findall(r"(?s)```yaml\n(.*?)```", readme))
        chart = yaml.safe_load((ROOT / "deploy/helm/wheelhouse/values.yaml").read_text())["database"]
        self.assertLessEqual(replica["database"].keys() | first["database"].keys(), chart.keys())
        self.assertNotIn("replicaSecret", first["database"])
        made = re.search(r"create secret generic (\S+) \\\n  --from-literal=(\w+)=\S+@\$\(terraform output -raw (\w+)\)", readme)
        said = (replica["database"]["replicaSecret"], chart["replicaKey"], "database_replica_host")
        self.assertEqual(made.groups(), said)

    def test_the_chart_s_account_is_the_one_that_the_role_trusts(self):
        helpers = (ROOT / "deploy/helm/wheelhouse/templates/data.yaml").read_text()
        self.assertIn('"component" "app"', helpers)
        self.assertIn('service = "${var.release}-app"', self.code)

    def test_files_of_reports_are_kept_where_the_role_may_and_the_settings_say(self):
        readme = (FOLDER / "README.md").read_text()
        self.assertIn("WHEELHOUSE_REPORTS__S3_PREFIX: reports\n", readme)
        self.assertIn('reports = "reports"', self.code)
        listing, keeping, key = self.parts["data"]["aws_iam_policy_document.reports"]["statement"]
        self.assertEqual([bare(action) for action in listing["actions"]], ["s3:ListBucket"])
        needed = {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"}
        self.assertEqual({bare(action) for action in keeping["actions"]}, needed)
        self.assertEqual({bare(action) for action in key["actions"]}, {"kms:Decrypt", "kms:GenerateDataKey"})
        [rule] = self.parts["resource"]["aws_s3_bucket_lifecycle_configuration.reports"]["rule"]
        self.assertEqual(rule["abort_incomplete_multipart_upload"][0]["days_after_initiation"], 1)

    def test_volumes_are_what_the_chart_s_values_name(self):
        readme = (FOLDER / "README.md").read_text()
        claims = {"data": "existingClaim: wheelhouse-data-files", "backups": "claim: wheelhouse-backups-files"}
        for name, said in claims.items():
            self.assertIn(said, readme)
            self.assertIn(name, self.code.split('"aws_efs_access_point"')[1].split("}")[0])
        self.assertIn("name: ${name}-files", (FOLDER / "volume.yaml.tftpl").read_text())


if __name__ == "__main__":
    unittest.main()
