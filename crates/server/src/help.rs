//! What `--help` adds to the usage of commands that have more to tell.

pub(crate) const VERIFY: &str = "\
Computes the seal of every timeline entry and of every timeline's end anew, and names each timeline that is not what it was:
the incident's number and id, and the first thing that does not fit. Works beside running servers, on any number of
incidents in the same memory. Incidents that are opened meanwhile are left for the next time. Needs TIMELINE_KEY.

Ctrl-C finishes what is on its way and reports how far it came. docs/timeline.md says what the seals show and what not.

Try it:
  incident-server verify
      every timeline of the database in DATABASE_URL, or else in ./data
  incident-server verify --data ./data --incident INC-1042
      one timeline of an embedded database
  incident-server verify --seal-unsealed
      once, right after upgrading from a release that did not seal the ends of timelines; until it sealed none

Exit codes: 0 every timeline is whole, 1 failed, 2 wrong usage or configuration, 3 the database schema does not fit,
4 a timeline is not what it was (whatever else happened), 130 interrupted.";

pub(crate) const EXPORT_TIMELINES: &str = "\
Writes JSON Lines: for each incident a line with what it keeps of its timeline's end, then a line for each entry with
everything that the hashes cover. Whoever has TIMELINE_KEY can check the file without this program: docs/timeline.md describes
the format, and docs/check_timelines.py does it. The export itself needs no key. Works beside running servers.

An existing file is never written over. An export that fails or is interrupted leaves no file behind.

Try it:
  incident-server export timelines timelines.jsonl
      every timeline of the database in DATABASE_URL, or else in ./data
  incident-server export timelines - --incident INC-1042 | python3 docs/check_timelines.py -
      one timeline, checked at once; TIMELINE_KEY is in the environment

Exit codes: 0 exported, 1 failed, 2 wrong usage or configuration, 3 the database schema does not fit, 130 interrupted.";

pub(crate) const MIGRATE_DOWN: &str = "\
For going back to the release before, after its servers have been stopped: docs/upgrading.md. Of the data that only the newer
release knows, nothing can stay. This command tells what there is, table by table, and leaves everything as it is, unless
there is nothing to lose or --lose-data is given. Take a backup first.

Try it:
  incident-server migrate down
      takes the last step back if nothing is lost, or else says what would be
  incident-server migrate down --steps 3 --lose-data
      takes the last three back, with what is in them

Exit codes: 0 taken back, 1 failed, or data would be lost, 2 wrong usage or configuration.";

pub(crate) const BACKUP: &str = "\
Copies a SQLite database into a new file as it is at one moment, while servers go on reading and writing. Everything that was
acknowledged before the command began is in the copy. The copy is one complete file, which only its owner may read; an
existing file is never written over. The settings, TIMELINE_KEY above all, are not in it: keep them too, elsewhere.

PostgreSQL brings pg_dump along; for it this command only says how to use that.

Try it:
  incident-server backup --data ./data incidents-2026-01-31.db
      the embedded database of quickstart
  DATABASE_URL=sqlite:///srv/incidents.db incident-server backup /backups/incidents-2026-01-31.db

To go back to it, stop every server of the database, and:
  rm -f data/incidents.db data/incidents.db-wal data/incidents.db-shm
  cp incidents-2026-01-31.db data/incidents.db
  incident-server verify --data ./data

Exit codes: 0 copied, 1 failed, 2 wrong usage or configuration, or the database is PostgreSQL.";

pub(crate) const SEED: &str = "\
Each incident goes its way through the state machine, with a timeline, as those of a real service desk did: so many were taken
up at once, so many waited for an answer, so many are still open. Some are described, labelled, commented on, or have a task.
Their numbers in the system `demo` (DEMO-1-0000001, where the first 1 is the seed) are kept, so that a second run adds nothing,
and one with another seed adds others. Nobody can sign in as the people they name. Works beside running servers.

Try it:
  incident-server seed
      200 incidents of the last 90 days in the database of DATABASE_URL, or else in ./data
  incident-server seed --data ./data --incidents 5000 --days 365

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 the database schema does not fit, 130 interrupted.";
