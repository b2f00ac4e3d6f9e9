"""An incident's life, through a client that was generated from the OpenAPI document and from nothing else.

Usage: scenario.py ORIGIN EMAIL PASSWORD, with the generated package on the path.
"""

import sys
import uuid

from incident_intelligence_platform_client import AuthenticatedClient, Client
from incident_intelligence_platform_client.api.auth import login
from incident_intelligence_platform_client.api.incidents import (
    comment_incident,
    get_incident,
    list_incident_logs,
    list_incidents,
    open_incident,
    patch_incident,
)
from incident_intelligence_platform_client.models import (
    CommentIncident,
    EntryKind,
    Impact,
    Incident,
    Login,
    OpenIncident,
    PatchIncident,
    Priority,
    Problem,
    ProblemCode,
    Resolution,
    ResolutionCode,
    SignedIn,
    Status,
    TimelineEntry,
    Urgency,
)


def main():
    origin, email, password = sys.argv[1:]
    tokens = answer_of(SignedIn, login.sync_detailed(client=Client(origin), body=Login(email, password)))
    client = AuthenticatedClient(origin, tokens.access_token)

    # Sent twice, done once.
    new = OpenIncident("checkout answers 500", impact=Impact.HIGH, urgency=Urgency.HIGH, service="checkout")
    key = str(uuid.uuid4())
    incident, again = (
        answer_of(Incident, open_incident.sync_detailed(client=client, body=new, idempotency_key=key)) for _ in range(2)
    )
    check(incident == again, "the same key brings the same answer")
    check((incident.status, incident.priority) == (Status.OPEN, Priority.CRITICAL), incident)

    def change(patch, **headers):
        return patch_incident.sync_detailed(incident.number, client=client, body=patch, **headers)

    # Work is acknowledged before it is resolved.
    resolved = PatchIncident(status=Status.RESOLVED, resolution=Resolution(ResolutionCode.FIXED, "rolled back"))
    refused = answer_of(Problem, change(resolved))
    check(refused.code == ProblemCode.TRANSITION_REFUSED and refused.status == 409, refused)
    check(refused.allowed == [Status.INVESTIGATING, Status.CANCELLED], refused)

    investigating = PatchIncident(status=Status.INVESTIGATING)
    acknowledged = answer_of(Incident, change(investigating, if_match=f'"{incident.version}"'))
    check(acknowledged.status == Status.INVESTIGATING and acknowledged.assigned_to is not None, acknowledged)
    stale = answer_of(Problem, change(resolved, if_match=f'"{incident.version}"'))
    check(stale.code == ProblemCode.PRECONDITION_FAILED, stale)

    remark = CommentIncident("rolled back the release of 14:05")
    entry = answer_of(TimelineEntry, comment_incident.sync_detailed(incident.number, client=client, body=remark))
    check(entry.kind == EntryKind.COMMENTED, entry)
    answer_of(Incident, change(resolved))

    found = answer_of(Incident, get_incident.sync_detailed(incident.number, client=client))
    check((found.status, found.resolution.code) == (Status.RESOLVED, ResolutionCode.FIXED), found)
    page = list_incidents.sync(client=client, status="resolved", page_size=10)
    check([item.id for item in page.items] == [incident.id] and page.total == 1, page)
    logs = list_incident_logs.sync(incident.number, client=client, cursor="")
    check([item.sequence for item in logs.items] == list(range(1, len(logs.items) + 1)), logs)

    nobody = answer_of(Problem, list_incidents.sync_detailed(client=AuthenticatedClient(origin, "no token")))
    check(nobody.code == ProblemCode.INVALID_TOKEN, nobody)
    print(f"{incident.number}: opened, acknowledged, commented, resolved, listed; refusals are typed problems")


def answer_of(kind, response):
    """The body of an answer, which has to be of this kind."""
    check(isinstance(response.parsed, kind), f"{response.status_code}: {response.content}")
    return response.parsed


def check(is_so, what):
    if not is_so:
        sys.exit(f"unexpected: {what}")


main()
