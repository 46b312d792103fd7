"""What a release is made and looked at with: the workflows, the notes, the look from outside."""

import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import yaml

ROOT = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests/compose"))

from limits import DEPLOY_S, ROLLBACK_S  # noqa: E402
from rolling import BACK, FORTH, REST  # noqa: E402

WORKFLOWS = ROOT / ".github/workflows"
TOOLS = pathlib.Path(sys.executable).parent


def run(*command, **options):
    """Exit status and words of a program."""
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    return ended.returncode, ended.stdout + ended.stderr


def is_shell(path):
    """Whether it is a script of a shell."""
    return path.is_file() and re.match(rb"#!.*\b(ba)?sh\b", path.read_bytes()) is not None


class Workflows(unittest.TestCase):
    """GitHub's own schema, and zizmor's eye for what an attacker would use."""

    def test_github_takes_them(self):
        files = sorted(WORKFLOWS.glob("*.yml"))
        self.assertEqual(len(files), 9)
        code, said = run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
        self.assertEqual(code, 0, said)

    def test_nobody_can_misuse_them(self):
        command = [TOOLS / "zizmor", "--offline", "--no-progress", "--config", ROOT / ".github/zizmor.yml"]
        code, said = run(*command, WORKFLOWS)
        self.assertEqual(code, 0, said)
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder, "wrong.yml")
            wrong.write_text(
                "on: issues\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n"
                "      - run: echo ${{ github.event.issue.title }}\n"
            )
            self.assertNotEqual(run(*command, wrong)[0], 0)

    def test_shell_is_as_it_should_be(self):
        command = [TOOLS / "shellcheck", "--shell", "bash", "-"]
        for path in WORKFLOWS.glob("*.yml"):
            for name, job in yaml.safe_load(path.read_text())["jobs"].items():
                for step in job.get("steps", []):
                    if script := step.get("run"):
                        # What GitHub puts in is a word to the shell.
                        code, said = run(*command, input=re.sub(r"\$\{\{.*?\}\}", "word", script))
                        self.assertEqual(code, 0, f"{path.name} {name}: {said}")
        scripts = [path for folder in (".ci", "deploy", "tests") for path in (ROOT / folder).rglob("*") if is_shell(path)]
        self.assertLessEqual({"run", "roll", "release", "release-notes", "make-secrets"}, {path.name for path in scripts})
        code, said = run(TOOLS / "shellcheck", *scripts)
        self.assertEqual(code, 0, said)
        self.assertNotEqual(run(*command, input="cat $file")[0], 0)

    def test_each_may_little_and_does_not_run_twice_at_once(self):
        for path in WORKFLOWS.glob("*.yml"):
            workflow = yaml.safe_load(path.read_text())
            self.assertEqual(workflow["permissions"].get("contents"), "read", path.name)
            self.assertIn("concurrency", workflow, path.name)
            for name, job in workflow["jobs"].items():
                if "uses" not in job:
                    self.assertIn("timeout-minutes", job, f"{path.name} {name}")

    def test_what_they_run_of_ours_is_there(self):
        for path in WORKFLOWS.glob("*.yml"):
            for word in path.read_text().replace('"', " ").replace("$(", " ").split():
                if word.startswith(("deploy/", "tests/", "./.github/")) and "*" not in word:
                    self.assertTrue((ROOT / word).exists(), f"{path.name}: {word}")

    def test_a_release_and_the_way_back_are_held_to_the_same_seconds_as_on_one_machine(self):
        scripts = {}
        for name, job in (("deploy", "deploy"), ("rollback", "rollback")):
            steps = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text())["jobs"][job]["steps"]
            [scripts[name]] = [step["run"] for step in steps if "began=$SECONDS" in step.get("run", "")]
        self.assertIn(f"--timeout {DEPLOY_S // 60}m", scripts["deploy"])
        self.assertIn(f"of {DEPLOY_S}.", scripts["deploy"])
        self.assertIn(f"((took <= {ROLLBACK_S})) || echo \"::warning::the way back took $took s, of {ROLLBACK_S}:", scripts["rollback"])

    def test_what_is_not_ours_is_compiled_once(self):
        steps = yaml.safe_load((WORKFLOWS / "checks.yml").read_text())["jobs"]["stack"]["steps"]
        what = lambda action: [step["with"] for step in steps if step.get("uses", "").startswith(f"docker/{action}-action@")]
        kept, compiled = what("build-push")
        stages = re.findall(r"(?m)^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text())
        self.assertLess(stages.index(kept["target"]), stages.index(compiled["target"]))
        self.assertIn(f"COPY --from={stages[stages.index(compiled['target']) - 1]} /collected/ /", (ROOT / "Dockerfile").read_text())
        self.assertIn(kept["cache-from"], kept["cache-to"].replace("mode=max,", ""))
        self.assertIn("refs/heads/main", kept["cache-to"])
        # The engine builds the images of what it is told.
        [tried] = [step for step in steps if step.get("run", "").startswith("tests/compose/run")]
        self.assertEqual((tried["env"]["STACK_ARTEFACTS"], compiled["load"]), (compiled["tags"], True))
        self.assertEqual([builder["use"] for builder in what("setup-buildx")], [False])
        images = yaml.safe_load((WORKFLOWS / "images.yml").read_text())["jobs"]["build"]["steps"]
        self.assertIn(kept["cache-from"], next(step["with"]["cache-from"] for step in images if "target" in step.get("with", {})))

    def test_checks_are_what_the_readme_tells_people_to_run(self):
        steps = yaml.safe_load((WORKFLOWS / "checks.yml").read_text())["jobs"]["test"]["steps"]
        command = "cargo xtask test"
        self.assertIn(command, [step.get("run") for step in steps])
        self.assertIn(f"\n{command} ", (ROOT / "README.md").read_text())


# Stands where docker is called: notes what with which images, and fails where it is told to.
DOCKER = """#!/bin/sh
echo "${STACK_TAG:-none} $*" >>calls
case "$*" in *"$FAILS"*) [ -z "$FAILS" ] || exit 1 ;; esac
"""
ROLL = """#!/bin/sh
echo "$STACK_TAG roll $1" >>calls
echo "$STACK_REGISTRY" >>registries
[ -z "$WAITS" ] || until [ -e go ]; do sleep 0.1; done
[ "roll $1" != "$FAILS" ]
"""
# Stands where ssh is called: what should run there runs here, and is broken off at the first roll where it is told to.
SSH = """#!/usr/bin/env bash
while [[ $1 != bash ]]; do echo "$1" >>"$FOLDER/options"; shift; done
[[ $DROPS ]] || exec "$@"
exec 3<&0
setsid "$@" <&3 &
for _ in {1..300}; do grep -qs roll "$FOLDER/calls" && break; sleep 0.1; done
kill -HUP -- "-$!"
exit 255
"""


class OnOneMachine(unittest.TestCase):
    """deploy/compose/release, with a docker that only notes what is asked of it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        scripts = self.root / "deploy/compose"
        scripts.mkdir(parents=True)
        for path, text in ((scripts / "roll", ROLL), (self.root / "bin/docker", DOCKER), (self.root / "bin/ssh", SSH)):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STACK_", "GIT_", "RELEASE_"))}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"}
        self.environment = {**kept, **alone}
        # A release that does not have the script yet, and three that do; the second is here.
        self.git("init", "--quiet")
        self.git("remote", "add", "origin", ".")
        self.tag("1.1.0", "roll")
        shutil.copy(ROOT / "deploy/compose/release", scripts)
        self.tag("1.2.3", "release")
        (scripts / "roll").write_text(ROLL.replace("\n", "\necho newer >>calls\n", 1))
        self.tag("1.2.4", "roll")
        (scripts / "release").write_text('#!/bin/sh\necho "the newer one leads: $*"\n')
        self.tag("1.3.0", "release")
        self.git("checkout", "--quiet", "v1.2.3")
        self.settings = self.root / ".env"
        self.settings.write_text("STACK_SITE=example.org\nSTACK_TAG=1.0.0\nSTACK_REGISTRY=ghcr.io/example/wheelhouse\n")

    def git(self, *words):
        """What git says in that repository."""
        code, said = run("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *words, cwd=self.root, env=self.environment)
        self.assertEqual(code, 0, said)
        return said

    def tag(self, version, file):
        """A release that has this file, as it is now."""
        self.git("add", f"deploy/compose/{file}")
        self.git("commit", "--quiet", "--message", version)
        self.git("tag", f"v{version}")

    def here(self):
        """The release whose files are here."""
        return self.git("describe", "--tags", "--exact-match").strip()

    def release(self, *words, fails=""):
        """Its exit status, what it said, and what was called."""
        return *run(self.root / "deploy/compose/release", *words, env={**self.environment, "FAILS": fails}), self.calls()

    def calls(self):
        """What was called."""
        calls = self.root / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def from_github(self, way, version, **variables):
        """The same by the workflow, with an ssh that leads here."""
        steps = yaml.safe_load((WORKFLOWS / "staging.yml").read_text())["jobs"]["release"]["steps"]
        [step] = [step["run"] for step in steps if "| ssh " in step.get("run", "")]
        given = {"FOLDER": self.root, "VERSION": version, "WAY": way, "MACHINE": "me@example.org", "GITHUB_REPOSITORY": "Example/Wheelhouse"}
        given |= {"GITHUB_STEP_SUMMARY": self.root / "summary", "FAILS": "", **variables}
        environment = {**self.environment, **{name: str(value) for name, value in given.items()}}
        return *run("bash", "-e", "-c", step, env=environment), self.calls()

    @staticmethod
    def parts(calls):
        """What was replaced, in order."""
        return tuple(call.split()[-1] for call in calls if " roll " in call or " run " in call)

    def test_the_order_is_the_one_that_the_stack_is_tried_with(self):
        for way, order in (("to", FORTH), ("back", BACK)):
            with self.subTest(way):
                (self.root / "calls").unlink(missing_ok=True)
                code, said, calls = self.release(way, "1.2.3")
                self.assertEqual((code, self.parts(calls)), (0, order), said)
                self.assertEqual([call for call in calls if " up " in call], [f"1.2.3 compose up -d --no-deps --no-build {' '.join(REST)}"])
                images = next(number for number, call in enumerate(calls) if " pull " in call)
                self.assertLess(images, next(number for number, call in enumerate(calls) if order[0] in call.split()[-1:]))
                self.assertTrue(all(call.startswith("1.2.3 ") for call in calls[images:]), calls)
                self.assertIn("1.2.3 is here, after ", said)
        lines = ["STACK_SITE=example.org", "STACK_REGISTRY=ghcr.io/example/wheelhouse", "STACK_TAG=1.2.3"]
        self.assertEqual(self.settings.read_text().splitlines(), lines)

    def test_who_may_read_the_settings_and_where_they_lie_stays(self):
        kept = self.root / "kept/settings"
        kept.parent.mkdir()
        kept.write_text("STACK_TAG=1.0.0\n")
        kept.chmod(0o600)
        self.settings.unlink()
        self.settings.symlink_to("kept/settings")
        code, said, _ = self.release("to", "1.2.3")
        self.assertEqual((code, kept.read_text()), (0, "STACK_TAG=1.2.3\n"), said)
        self.assertEqual((self.settings.is_symlink(), oct(kept.stat().st_mode & 0o777)), (True, "0o600"))
        self.assertEqual([file.name for file in kept.parent.iterdir()], ["settings"])

    def test_without_a_registry_images_are_built(self):
        self.settings.unlink()
        code, said, calls = self.release("to", "1.2.3")
        self.assertEqual((code, [call for call in calls if " pull " in call]), (0, []), said)
        self.assertIn("1.2.3 compose build", calls)
        self.assertEqual(self.settings.read_text(), "STACK_TAG=1.2.3\n")

    def test_the_way_back_leads_to_a_release_without_the_script(self):
        code, said, calls = self.release("back", "1.1.0")
        self.assertEqual((code, self.parts(calls), self.here()), (0, BACK, "v1.1.0"), said)
        self.assertFalse((self.root / "deploy/compose/release").exists())
        self.assertIn("STACK_TAG=1.1.0\n", self.settings.read_text())

    def test_a_newer_release_is_brought_by_its_own_files(self):
        code, said, calls = self.release("to", "1.2.4")
        self.assertEqual((code, calls.count("newer"), self.here()), (0, 2, "v1.2.4"), said)
        code, said, _ = self.release("to", "1.3.0")
        self.assertEqual((code, said, self.here()), (0, "the newer one leads: to 1.3.0\n", "v1.3.0"))

    def test_where_a_step_fails_the_rest_stays_and_the_settings_too(self):
        before = self.settings.read_text()
        for fails, done in (("pull", ()), ("-T migrate", ("migrate",)), ("roll api", ("migrate", "api"))):
            with self.subTest(fails):
                (self.root / "calls").unlink(missing_ok=True)
                code, said, calls = self.release("to", "1.2.3", fails=fails)
                self.assertNotEqual(code, 0, said)
                self.assertEqual((self.parts(calls), self.settings.read_text()), (done, before))
        # The files too, with which the next attempt begins.
        for words in (("to", "1.2.4"), ("back", "1.1.0"), ("back", "9.9.9")):
            with self.subTest(words):
                code, said, _ = self.release(*words, fails="roll worker")
                self.assertEqual((code != 0, self.settings.read_text(), self.here()), (True, before, "v1.2.3"), said)

    def test_from_github_only_images_of_our_registry_run(self):
        for text in ("STACK_SITE=example.org\n", "STACK_REGISTRY=registry.example.org/other\nSTACK_SITE=example.org\n"):
            with self.subTest(text):
                self.settings.write_text(text)
                code, said, calls = self.from_github("to", "1.2.3")
                self.assertEqual((code, [call for call in calls if " build" in call]), (0, []), said)
                wanted = "STACK_SITE=example.org\nSTACK_REGISTRY=ghcr.io/example/wheelhouse\nSTACK_TAG=1.2.3\n"
                self.assertEqual(self.settings.read_text(), wanted)
                self.assertEqual(set((self.root / "registries").read_text().split()), {"ghcr.io/example/wheelhouse"})

    def test_from_github_it_is_told_how_it_ended(self):
        code, said, calls = self.from_github("back", "1.1.0")
        self.assertEqual((code, self.parts(calls), self.here()), (0, BACK, "v1.1.0"), said)
        self.assertIn("1.1.0 is here, after ", said)
        self.assertIn("release: its exit status is 0\n", said)
        self.assertIn("release: its exit status is 0\n", (self.root / "summary").read_text())
        self.assertIn("ServerAliveInterval=15", (self.root / "options").read_text().splitlines())
        # From a release without the script, too.
        code, said, _ = self.from_github("to", "1.2.3", FAILS="roll api")
        self.assertNotEqual(code, 0, said)
        self.assertIn("release: its exit status is 1\n", said)
        self.assertIn("STACK_TAG=1.1.0\n", self.settings.read_text())

    def test_from_github_it_goes_on_where_the_connection_ends_and_no_other_begins(self):
        code, said, _ = self.from_github("back", "1.1.0", DROPS="1", WAITS="1")
        self.assertNotEqual(code, 0, said)
        code, said, _ = self.from_github("to", "1.2.4")
        self.assertEqual((code != 0, "a release is under way there" in said), (True, True), said)
        (self.root / "go").touch()
        log, ends = self.root / ".git/release.log", time.monotonic() + 60
        while "its exit status is" not in log.read_text() and time.monotonic() < ends:
            time.sleep(0.1)
        self.assertIn("release: its exit status is 0\n", log.read_text())
        self.assertEqual((self.parts(self.calls()), self.here()), (BACK, "v1.1.0"))

    def test_what_is_no_tag_is_refused(self):
        for words in ((), ("to",), ("up", "1.2.3"), ("to", "1.2.3;rm"), ("to", "-x")):
            self.assertEqual((self.release(*words)[0], self.release(*words)[2]), (2, []), words)


class Notes(unittest.TestCase):
    """deploy/release-notes."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.write(cargo="1.2.3", chart="1.2.3", changelog="# Changelog\n\n## Unreleased\n\n## 1.2.3 (2027-01-02)\n\n- New.\n\n## 1.2.30\n\n- Other.\n")

    def write(self, cargo, chart, changelog):
        """A repository with these versions."""
        (self.root / "deploy/helm/wheelhouse").mkdir(parents=True, exist_ok=True)
        (self.root / "Cargo.toml").write_text(f'[workspace.package]\nversion = "{cargo}"\n')
        (self.root / "deploy/helm/wheelhouse/Chart.yaml").write_text(f"version: {chart}\nappVersion: {chart}\n")
        (self.root / "CHANGELOG.md").write_text(changelog)

    def notes(self, version):
        """What it says."""
        return run(ROOT / "deploy/release-notes", version, env={**os.environ, "ROOT": str(self.root)})

    def test_the_section_of_the_version(self):
        self.assertEqual(self.notes("1.2.3"), (0, "\n- New.\n"))

    def test_what_does_not_fit_is_told(self):
        self.assertIn("Cargo.toml", self.notes("1.2.4")[1])
        self.write(cargo="1.2.3", chart="1.2.2", changelog="## 1.2.3\n\n- New.\n")
        self.assertIn("Chart.yaml", self.notes("1.2.3")[1])
        self.write(cargo="1.2.3", chart="1.2.3", changelog="## Unreleased\n\n- New.\n")
        code, said = self.notes("1.2.3")
        self.assertEqual((code, "nothing under ## 1.2.3" in said), (1, True), said)


class Previous(unittest.TestCase):
    """tests/previous/run, in a repository of its own, with a cargo that only says what it is asked."""

    VARIABLE = "WHEELHOUSE_TEST_SCHEMA_BY"
    CARGO = f"""#!/bin/sh
if [ "$1" = build ]; then mkdir -p target/debug && : >target/debug/wheelhouse; exit; fi
test -e "${VARIABLE}" && echo "asked for $* of $(cat release)" && exit "${{ENDS:-0}}"
"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "source")
        script, cargo = self.root / "tests/previous/run", pathlib.Path(folder.name, "cargo")
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "tests/previous/run", script)
        cargo.write_text(self.CARGO)
        cargo.chmod(0o755)
        left = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") and name != "CARGO_TARGET_DIR"}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": f"{folder.name}:{os.environ['PATH']}"}
        self.environment = {**left, **alone}
        self.git("init", "--quiet")
        self.commit("release", "one")

    def git(self, *words):
        """Git in that repository."""
        code, said = run("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *words, cwd=self.root, env=self.environment)
        self.assertEqual(code, 0, said)

    def commit(self, path, text):
        """A file that is new or other."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", path)

    def tried(self, *arguments, **variables):
        """Exit status and words."""
        return run(self.root / "tests/previous/run", *arguments, env={**self.environment, **variables})

    def test_nothing_tried_is_told_and_a_failure_where_it_must_be(self):
        self.commit("migrations/src/first.rs", "")
        code, said = self.tried()
        self.assertEqual((code, "NOTHING WAS TRIED" in said), (0, True), said)
        code, said = self.tried("--must")
        self.assertEqual((code, "NOTHING WAS TRIED" in said), (1, True), said)
        # Neither does a release that can't be tried count, although what came after it could.
        self.git("tag", "v0.1.0")
        self.commit("crates/tests.rs", self.VARIABLE)
        self.commit("migrations/src/second.rs", "")
        code, said = self.tried("--must")
        self.assertEqual((code, "NOTHING WAS TRIED" in said), (1, True), said)

    def test_what_stood_before_the_newest_migration_is_tried_then_the_release(self):
        self.commit("crates/tests.rs", self.VARIABLE)
        self.commit("migrations/src/first.rs", "")
        self.commit("release", "two")
        asked = "asked for xtask test --only tests -- -E not test(backups::) of"
        code, said = self.tried("--must")
        self.assertEqual((code, f"{asked} one" in said), (0, True), said)
        code, said = self.tried("--must", ENDS="1")
        self.assertEqual((code, asked in said), (1, True), said)
        self.git("tag", "v0.2.0")
        self.commit("release", "three")
        code, said = self.tried("--must")
        self.assertEqual((code, f"{asked} two" in said), (0, True), said)
        code, said = self.tried("--must", "HEAD", "--", "one")
        self.assertEqual((code, "asked for xtask test --only tests -- one of three" in said), (0, True), said)


class Installation(http.server.ThreadingHTTPServer):
    """An installation as far as a look goes; one part of it may be wrong."""

    daemon_threads = True

    def __init__(self, wrong=None):
        super().__init__(("127.0.0.1", 0), Answers)
        self.wrong = wrong
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        """Stops it."""
        self.shutdown()
        self.server_close()


class Answers(http.server.BaseHTTPRequestHandler):
    """What it answers."""

    def do_GET(self):
        wrong, page = self.server.wrong, self.path
        status, kind, body, headers = 200, "application/json", {}, {}
        if page == "/health":
            status = 503 if wrong == "health" else 200
        elif page == "/api/v1/openapi.json":
            body = {"info": {"version": "1.2.2" if wrong == "version" else "1.2.3"}}
        elif page == "/":
            kind, body = "text/html", '<script src="/pkg/app.js"></script>'
            headers = {} if wrong == "policy" else {"content-security-policy": "default-src 'self'"}
        elif page == "/pkg/app.js":
            status = 404 if wrong == "file" else 200
        elif page.startswith("/api/v1/workspaces"):
            keyed = self.headers["authorization"] == "Bearer whk_right"
            status = 200 if keyed or wrong == "open" else 401
            kind, body = ("application/json", {"items": []}) if status == 200 else ("application/problem+json", {"status": 401})
        self.send_response(status)
        for name, value in {"content-type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

    def log_message(self, *_):
        """Nothing: a test's output is its result."""


class Smoke(unittest.TestCase):
    """deploy/smoke/smoke.py."""

    def look(self, wrong=None, key=None, version="1.2.3"):
        """What it says of an installation."""
        installation = Installation(wrong)
        self.addCleanup(installation.end)
        environment = {name: value for name, value in os.environ.items() if name != "SMOKE_KEY"}
        if key:
            environment["SMOKE_KEY"] = key
        url = f"http://127.0.0.1:{installation.server_address[1]}"
        return run(sys.executable, ROOT / "deploy/smoke/smoke.py", url, "--version", version, env=environment)

    def test_a_whole_installation_is_well(self):
        self.assertEqual(self.look()[0], 0)
        code, said = self.look(key="whk_right")
        self.assertEqual((code, "fleet: well" in said), (0, True), said)
        self.assertNotIn("whk_", said)

    def test_what_is_wrong_is_told(self):
        for wrong, words in (
            ("health", "/health answers 503"),
            ("version", "version 1.2.2 is there, not 1.2.3"),
            ("policy", "no content policy"),
            ("file", "/pkg/app.js answers 404"),
            ("open", "answers 200 to nobody"),
        ):
            code, said = self.look(wrong)
            self.assertEqual((code, words in said), (1, True), f"{wrong}: {said}")
        code, said = self.look(key="whk_wrong")
        self.assertEqual((code, "answers 401 to the key" in said), (1, True), said)


if __name__ == "__main__":
    unittest.main()
