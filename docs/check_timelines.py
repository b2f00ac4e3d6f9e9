#!/usr/bin/env python3
"""Verifies an export of timelines that `incident-server export timelines` wrote.

    TIMELINE_KEY=... python3 check_timelines.py timelines.jsonl      (- reads standard input)

TIMELINE_KEYS_RETIRED has the keys that were replaced, separated by commas: their timelines are valid too.
Needs Python 3.8 or later and nothing else. docs/timeline.md specifies the format. Prints each invalid timeline with the
line of its first fault.

Exit codes: 0 every timeline is valid, 1 one is not, 2 there was nothing to verify.
"""

import hashlib
import hmac
import json
import os
import sys

NO_HASH = bytes(32)


def netstrings(*texts):
    """Returns the texts as netstrings, one after the other."""
    encoded = [text.encode("utf-8") for text in texts]
    return b"".join(b"%d:%s," % (len(text), text) for text in encoded)


def seal(key, previous, canonical):
    """Returns the HMAC of the previous hash and a canonical form."""
    return hmac.new(key, previous + canonical, hashlib.sha256).digest()


def canonical_entry(entry):
    """Returns the canonical form of a timeline entry."""
    details = [text for name, value in entry["details"] for text in (name, value)]
    return netstrings(
        "incident-timeline-v1", entry["incident_id"], str(entry["sequence"]), entry["id"], entry["kind"],
        entry["actor_kind"], entry["actor_reference"] or "", entry["at"], entry["message"] or "", *details)


def canonical_end(incident):
    """Returns the canonical form of a timeline's end: the incident's id, the length, and the last hash."""
    end = netstrings("incident-timeline-end-v1", incident["id"], str(incident["timeline_length"]))
    return end + bytes.fromhex(incident["timeline_hash"])


def reject_duplicate_names(pairs):
    """Returns a JSON object as a dict; fails if a name occurs twice."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name occurs twice")
    return dict(pairs)


class Timeline:
    """The timeline of one incident, verified entry by entry."""

    def __init__(self, keys, line, incident):
        self.keys, self.line = keys, line
        self.id, self.name = incident["id"], "%s (%s)" % (incident["number"], incident["id"])
        self.known = incident["timeline_length"], incident["timeline_hash"], incident["timeline_seal"]
        self.expected_seals = [seal(key, NO_HASH, canonical_end(incident)).hex() for key in keys]
        self.length, self.head, self.fault = 0, NO_HASH, None

    def fail(self, line, what):
        """Records the first fault; every later entry fails because of it."""
        self.fault = self.fault or (line, what)

    def check(self, line, entry):
        """Verifies the next entry; returns whether it fits the chain."""
        canonical = canonical_entry(entry)
        expected = [seal(key, self.head, canonical).hex() for key in self.keys]
        in_place = entry["sequence"] == self.length + 1 and entry["incident_id"] == self.id
        if self.fault or not in_place or entry["hash"] not in expected:
            self.fail(line, "entry %d does not fit the chain" % (self.length + 1))
        else:
            self.length, self.head = self.length + 1, bytes.fromhex(entry["hash"])
        return self.fault is None

    def finish(self):
        """Verifies the end of the timeline, prints a fault, and returns the number of faults: 0 or 1."""
        length, last_hash, end = self.known
        if length != self.length:
            self.fail(self.line, "there are %d entries, the incident counts %s" % (self.length, length))
        elif last_hash != self.head.hex():
            self.fail(self.line, "the incident's record of the last hash does not fit the chain")
        elif end == NO_HASH.hex():
            self.fail(self.line, "the end of the timeline carries no seal")
        elif end not in self.expected_seals:
            self.fail(self.line, "the incident's record of the timeline's end was not sealed with this key")
        if self.fault is None:
            return 0
        print("line %d: %s: %s" % (self.fault[0], self.name, self.fault[1]))
        return 1


def check(keys, lines):
    """Verifies all lines and returns the numbers of timelines, entries and faults."""
    timelines = entries = whole_entries = faults = 0
    timeline = None
    for number, line in enumerate(lines, start=1):
        try:
            fields = json.loads(line.decode("utf-8"), object_pairs_hook=reject_duplicate_names)
            if fields["type"] == "incident":
                following = Timeline(keys, number, fields)
                if timeline:
                    if following.id >= timeline.id:
                        following.fail(number, "the incident occurs twice, or out of order")
                    faults += timeline.finish()
                timeline, timelines = following, timelines + 1
            elif fields["type"] == "entry" and timeline:
                entries += 1
                whole_entries += timeline.check(number, fields)
            else:
                raise ValueError("the line belongs to no incident")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            print("line %d: not a line of an export: %r" % (number, error))
            faults += 1
    if timeline:
        faults += timeline.finish()
    if entries and not whole_entries:
        print("not one entry fits: is TIMELINE_KEY the key that they were sealed with?")
    return timelines, entries, faults


def main():
    key = os.environ.get("TIMELINE_KEY", "").encode("utf-8")
    retired = os.environ.get("TIMELINE_KEYS_RETIRED", "").encode("utf-8").split(b",")
    keys = [key] + [other.strip() for other in retired if other.strip()]
    if len(sys.argv) != 2 or not key:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with (sys.stdin.buffer if sys.argv[1] == "-" else open(sys.argv[1], "rb")) as export:
            timelines, entries, faults = check(keys, export)
    except OSError as error:
        print("the export cannot be read: %s" % error, file=sys.stderr)
        return 2
    if timelines + faults == 0:
        print("the export is empty: there is nothing to check", file=sys.stderr)
        return 2
    summary = "%d faults" % faults if faults else "all whole"
    print("checked %d timelines with %d entries: %s" % (timelines, entries, summary))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
