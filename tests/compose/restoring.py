"""A backup of one stack, brought back into an empty one: the same rows, the same audit log; and a stack whose database was killed and
lost, brought back to a moment. Not: how backups are made."""

import json
import re
import shutil

import smoke
import watching
from client import Client
from engine import ROOT, Failed, run
from stack import Stack, wait

# Every table of ours with its rows, in one statement; but the audit log, in which backup and restore are noted themselves.
COUNTS = """
SELECT table_name,
  (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I', table_name), false, true, '')))[1]
FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'audit%' ORDER BY table_name
"""
# The audit log up to where a backup has it: each entry's hash covers the one before.
AUDIT = "SELECT count(*), md5(string_agg(hash, '' ORDER BY seq)) FROM audit_entry WHERE seq <= {}"
# What is kept apart from a backup and put back beside it (docs/backups.md).
KEYS = ("backup/backup.key", "app/vault.key", "audit/audit.key")


def by_hand(stack, *command, options=()):
    """A command of Wheelhouse, as the owner of the tables."""
    return stack.run("run", "--rm", "--no-deps", "-T", *options, "admin", *command, deadline=600)


def make(stack):
    """Stops what writes and makes a backup by hand; what Wheelhouse says of it."""
    stack.run("stop", "api", "worker", "backup")
    return json.loads(by_hand(stack, "--json", "backup"))


def keys(old, new):
    """Brings the keys into the new stack's folder before its first start."""
    for key in KEYS:
        target = new.secrets / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(old.secrets / key, target)


def drill(compose, old, say):
    """From a running stack to another one that has the same."""
    made = make(old)
    audit, counts = AUDIT.format(made["audit_seq"]), old.sql(COUNTS)
    new = Stack(compose, "restored", 1)
    try:
        keys(old, new)
        new.up(["postgres", "redis"])
        new.wait_well("postgres")
        new.up(["role"])
        report = bring_back(old, new, made["file"].rsplit("/", 1)[1])
        if new.sql(COUNTS) != counts:
            differ = set(new.sql(COUNTS)) ^ set(counts)
            raise Failed(f"tables differ after the restore: {sorted(differ)}")
        smoke.expect("the audit log is the same, up to the backup", new.sql(audit) == old.sql(audit))
        smoke.expect("the restore calls the audit log whole", report["audit_whole"])
        say(f"a backup was brought back into an empty stack: {len(counts)} tables with the same rows, the audit log whole")
        new.up(["caddy", "worker", "aws-sim"])
        new.wait_well("caddy")
        client = Client(new)
        smoke.sign_in(client)
        smoke.expect("the fleet is there", smoke.fleet(client) == smoke.FLEET)
        by_hand(new, "audit", "verify", "--checkpoints", "/var/lib/wheelhouse/audit")
        say("the owner signs in there with the same password, the fleet is there, `audit verify` finds nothing")
    finally:
        new.down()


def bring_back(old, new, name):
    """Restores from the old stack's folder of backups, read only."""
    mount = ["-v", f"{old.project}_backups:/restore:ro"]
    return json.loads(by_hand(new, "--json", "restore", f"/restore/{name}", options=mount))


def archived(stack):
    """Everything that was written up to now is in the repository."""
    piece = stack.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")[0]
    stack.sql("SELECT pg_switch_wal()")
    wait("the log is in the repository", lambda: stack.sql(f"SELECT last_archived_wal >= '{piece}' FROM pg_stat_archiver") == ["t"])


def lost(stack):
    """`kill -9` of every process of the database, which stays so, and its data is gone."""
    stack.run("kill", "postgres")
    stack.run("stop", "pgbackrest")
    empty = ["docker", "run", "--rm", "--network", "none", "-v", f"{stack.project}_database:/data", "--entrypoint", "/bin/sh"]
    run([*empty, stack.images()["postgres"], "-c", "find /data -mindepth 1 -delete"])


def pages(stack):
    """Every page of every table and index is whole: the command of docs/point-in-time.md says so."""
    page = (ROOT / "docs/point-in-time.md").read_text()
    [command] = re.findall(r"docker compose exec postgres sh -c '([^']+)'", page)
    smoke.expect("every page and index is whole", "whole" in stack.run("exec", "-T", "postgres", "sh", "-c", command).splitlines())


def moment(stack, client, say):
    """A stack, as far as its database goes back to a moment after it was lost, as docs/point-in-time.md has it."""
    backrest = lambda *words: stack.run("run", "--rm", "--no-deps", "-T", "pgbackrest", *words, deadline=600)
    wait("the repository has a full backup", lambda: "full backup:" in backrest("info"))
    stack.run("stop", "api", "worker", "backup")
    stack.sql("CREATE TABLE marker AS SELECT 'before' AS row")
    counts, then = stack.sql(COUNTS), stack.sql("SELECT clock_timestamp()")[0]
    stack.sql("INSERT INTO marker VALUES ('after')")
    archived(stack)
    lost(stack)
    backrest("restore", "--type=time", f"--target={then}", "--target-action=promote")
    stack.up(["postgres"])
    wait("the database is writable", lambda: stack.sql("SELECT pg_is_in_recovery()") == ["f"])
    smoke.expect("what came after the moment is gone", stack.sql("SELECT row FROM marker") == ["before"])
    smoke.expect("every table has the rows of the moment", stack.sql(COUNTS) == counts)
    pages(stack)
    stack.sql("DROP TABLE marker")
    by_hand(stack, "audit", "verify", "--checkpoints", "/var/lib/wheelhouse/audit")
    # What is known of the newest backup came back with the log: the service is to tell it anew.
    stack.sql("ALTER DATABASE wheelhouse RESET wheelhouse.archive_backup")
    stack.up(["caddy", "worker", "pgbackrest"])
    stack.wait_well("api", 2)
    stack.wait_well("caddy")
    smoke.sign_in(client)
    smoke.expect("the fleet is there", smoke.fleet(client) == smoke.FLEET)
    say("the database was killed and lost, and went back to a moment: what came after it is gone, every table has its rows, every page and")
    say("index is whole, and so is the audit log")
    fresh = 'wheelhouse_archive_backup_state{state="fresh"}'
    wait("the newest backup is known", lambda: any("=> 1 " in line for line in watching.ask(stack, fresh)))
    say("Prometheus knows that the backup for point-in-time recovery is fresh")
