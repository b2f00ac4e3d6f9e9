"""Checks that the schemathesis runs were complete, broad enough and without findings.

Usage: verdict.py CASES_MIN FOLDER…, each with a `report.json` and a `calls.json`; the first is the administrator's.
"""

import json
import pathlib
import sys

# The share of calls that must be authenticated, or little is tested. The others omit or corrupt the token on purpose.
SIGNED_PERCENT_MIN = 50

# The share of calls with a valid token that may fail authentication, because their session ended in flight.
NOT_RECOGNISED_PERCENT_MAX = 1


def complaints_about(name, report, calls):
    """Yield the problems of one run."""
    found = report["test_cases"]
    if not report["complete"] or report["stop_reason"] != "completed":
        yield f"{name}: not complete: {report['stop_reason']}"
    if report["exit_code"] != 0 or found["unique_failures"] or found["errored"] or report["errors"]:
        yield f"{name}: {found['unique_failures']} findings, {found['errored']} errors"

    every = sum(row["count"] for row in calls if row["needs_token"])
    signed = sum(row["count"] for row in calls if row["is_signed"])
    unauthenticated = sum(row["count"] for row in calls if row["is_signed"] and not row["is_recognised"])
    if signed * 100 < every * SIGNED_PERCENT_MIN:
        yield f"{name}: only {signed} of {every} calls that need a token had a good one"
    if unauthenticated * 100 > signed * NOT_RECOGNISED_PERCENT_MAX:
        yield f"{name}: {unauthenticated} of {signed} calls with a good token were not recognised"


def main():
    cases_min, *folders = sys.argv[1:]
    runs = [pathlib.Path(folder) for folder in folders]
    reports = {run.name: json.loads((run / "report.json").read_text()) for run in runs}
    calls = {run.name: json.loads((run / "calls.json").read_text()) for run in runs}

    complaints = [complaint for name in reports for complaint in complaints_about(name, reports[name], calls[name])]
    done = {row["operation"] for rows in calls.values() for row in rows if row["status"] < 300}
    never_done = sorted({row["operation"] for rows in calls.values() for row in rows} - done)
    if never_done:
        complaints.append(f"never answered by a success: {', '.join(never_done)}")
    operations = reports[runs[0].name]["operations"]
    if operations["tested"] != operations["total"]:
        complaints.append(f"only {operations['tested']} of {operations['total']} operations were tested")
    cases = sum(report["test_cases"]["generated"] for report in reports.values())
    if cases < int(cases_min):
        complaints.append(f"only {cases} cases, {cases_min} are needed")

    for complaint in complaints:
        print(complaint, file=sys.stderr)
    findings = sum(report["test_cases"]["unique_failures"] for report in reports.values())
    print(f"{cases} cases over {operations['tested']} operations, {findings} findings")
    sys.exit(1 if complaints else 0)


main()
