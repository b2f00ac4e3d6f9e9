//! Text that `--help` prints below the usage of commands.

pub(super) const MAIN: &str = "\
Try it:
  incident-server quickstart
      an embedded database in ./data, an administrator, a server on http://127.0.0.1:8080

Run it for a team:
  export DATABASE_URL=postgres://incidents@localhost/incidents
  export SECRET_KEY=$(openssl rand -hex 32) TIMELINE_KEY=$(openssl rand -hex 32)   # keep them
  incident-server migrate up
  incident-server user create-admin --email you@example.org
  incident-server serve

Settings come from built-in defaults, a TOML file, .env, the environment and flags; each overrides those before it.
`incident-server config check` shows the values in force, `incident-server config example` lists all settings, and
--set NAME=VALUE is a flag for every setting that is no secret.

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration, 3 the database schema does not fit,
4 a timeline was changed, 5 an import skipped rows, 6 an import could use no row, 130 interrupted.";

pub(super) const VERIFY: &str = "\
Computes the seal of every timeline entry and of every timeline's end, and names each timeline that does not match: the
incident's number and id, and the first fault. Servers may run meanwhile. The memory that this takes does not depend on the
number of incidents. Incidents that are opened meanwhile are not checked. Needs TIMELINE_KEY.

Ctrl-C finishes the current batch and reports what was checked. docs/timeline.md explains what the seals prove.

Examples:
  incident-server verify
      every timeline of the database in DATABASE_URL, or else in ./data
  incident-server verify --data ./data --incident INC-1042
      one timeline of an embedded database
  incident-server verify --seal-unsealed
      right after upgrading from a release that did not seal the ends of timelines; repeat until it seals none

Exit codes: 0 every timeline is whole, 1 failure, 2 wrong usage or configuration, 3 the database schema does not fit,
4 a timeline was changed (even if another code would apply too), 130 interrupted.";

pub(super) const TIMELINE_KEY: &str = "\
Every server refuses a TIMELINE_KEY that is not a key of its database. `timeline-key change` adds a new one. Nothing is sealed
again: TIMELINE_KEYS_RETIRED must keep every key that was replaced, as long as the database exists.

One server: stop it, move TIMELINE_KEY to TIMELINE_KEYS_RETIRED, set a new TIMELINE_KEY, run `incident-server timeline-key
change`, start the server. Several servers: docs/operations.md has the steps without an interruption.

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration, 3 the database schema does not fit.";

pub(super) const EXPORT_TIMELINES: &str = "\
Writes JSON Lines: for each incident a line with the length, hash and seal of its timeline, then a line for each entry with
everything that the hashes cover. With TIMELINE_KEY, the file can be checked without this program: docs/timeline.md describes
the format, and docs/check_timelines.py checks it. The export itself needs no key. Servers may run meanwhile.

An existing file is never overwritten. An export that fails or is interrupted leaves no file behind.

Examples:
  incident-server export timelines timelines.jsonl
      every timeline of the database in DATABASE_URL, or else in ./data
  incident-server export timelines - --incident INC-1042 | python3 docs/check_timelines.py -
      one timeline, checked at once; TIMELINE_KEY is in the environment

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration, 3 the database schema does not fit, 130 interrupted.";

pub(super) const MIGRATE_DOWN: &str = "\
For going back to the release before, after its servers were stopped: see docs/upgrading.md. Data that only the newer release
knows is lost. Unless --lose-data is given, this command changes nothing if data would be lost, and lists the data by table.
Take a backup first.

Examples:
  incident-server migrate down
      takes the last step back if no data would be lost
  incident-server migrate down --steps 3 --lose-data
      takes the last three steps back, with their data

Exit codes: 0 success, 1 failure, or data would be lost, 2 wrong usage or configuration.";

pub(super) const BACKUP: &str = "\
Copies a SQLite database into a new file while servers read and write. The copy shows the database at one moment, and contains
everything that was acknowledged before the command began. It is one file, which only its owner can read; an existing file
is never overwritten. It does not contain the settings: keep those too, TIMELINE_KEY above all, in another place.

PostgreSQL databases are copied with pg_dump. For them this command only prints how.

Examples:
  incident-server backup --data ./data incidents-2026-01-31.db
      the embedded database of quickstart
  DATABASE_URL=sqlite:///srv/incidents.db incident-server backup /backups/incidents-2026-01-31.db

To restore the copy, stop every server of the database, then run:
  rm -f data/incidents.db data/incidents.db-wal data/incidents.db-shm
  cp incidents-2026-01-31.db data/incidents.db
  incident-server verify --data ./data

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration, or the database is PostgreSQL.";

pub(super) const SEED: &str = "\
Each incident passes through the state machine, with a timeline, and with waiting times like those of a real service desk.
Some have descriptions, labels, comments or tasks. Each has a number in the system `demo` (DEMO-1-0000001, where the first
1 is the seed), so that a second run adds nothing, and another seed adds other incidents. The users in them cannot sign in.
Servers may run meanwhile.

Examples:
  incident-server seed
      200 incidents of the last 90 days in the database of DATABASE_URL, or else in ./data
  incident-server seed --data ./data --incidents 5000 --days 365

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration, 3 the database schema does not fit, 130 interrupted.";

pub(super) const IMPORT_SERVICENOW: &str = "\
The file is an incident event log as ServiceNow exports it: CSV with a header, one row per update, the columns in any
order, `?` or nothing for a missing value. The columns number, incident_state (or state), opened_at, sys_updated_by and
sys_updated_at (or sys_updated_on) are required; all others that are known are used. Fields are separated by commas,
semicolons, tabs or `|`. The text is UTF-8, or UTF-16, or what --encoding names.

Dates are ISO 8601 (2016-02-29 01:16:57), 29/2/2016 or 2/29/2016 with `/`, `.` or `-`, or have the name of the month; with
or without seconds, AM or PM, and an offset such as +02:00. Without an offset they are in UTC. All dates of a file have one
order of day and month, which its rows decide: 3/25/2016 in one row makes 3/5/2016 the 5th of March in all others. A file
whose rows do not decide is refused until --date-order says it, and so is a file whose rows contradict one another.

States become statuses: New open; Active, In Progress and Work in Progress investigating; Awaiting User Info, Vendor,
Problem, Evidence or Change on_hold with that reason; On Hold and Pending on_hold with the reason in hold_reason; Resolved
resolved; Closed closed; Canceled cancelled. Upper and lower case are the same. Each row is replayed as a step of the state
machine with its own time and person; steps that the log leaves out are added. People become users who are inactive and
cannot sign in.

An invalid file is refused as a whole, and changes nothing. A row without a number, or with a state or time that cannot be
read, is skipped; the report counts the skipped rows for each reason, and names the first lines. Other invalid values are
reported, and the rest of their row is used. Ctrl-C stops after the current batch; the same command continues from there. A
second run adds nothing: incidents that exist already are left unchanged.

Examples:
  incident-server import servicenow incident_event_log.csv --data ./data
  incident-server quickstart --data ./data
      look at the imported incidents on http://127.0.0.1:8080

  incident-server import servicenow export.csv --date-order month-first --encoding windows-1252
      a file from a spreadsheet in the United States, too short to decide its dates

  DATABASE_URL=postgres://incidents@localhost/incidents incident-server import servicenow incident_event_log.csv

Exit codes: 0 every row is imported, now or before, 1 failure, or the file is refused, 2 wrong usage or configuration, 3 the
database schema does not fit, 5 some rows were skipped and the others are imported, 6 no row could be imported,
130 interrupted.";

pub(super) const JOBS: &str = "\
Jobs are work that is stored together with the change that causes it and done in the background. A job that failed in every
attempt is dead and keeps its last error. Completed jobs are deleted. Servers may run meanwhile; they find a job that is run
again within a second. The audit records it with the system as the actor.

Examples:
  incident-server jobs counts
      how many jobs wait and how many are dead, in the database in DATABASE_URL, or else in ./data
  incident-server jobs list --state dead --data ./data
      the dead jobs of an embedded database, with their errors
  incident-server jobs run-again 0199a7c2-4f0e-7a31-9d55-0c1f6f3b2a10

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration, 3 the database schema does not fit.";
