"""Runs an incident and its tasks through their lifecycle with a client generated from the OpenAPI document.

Usage: scenario.py ORIGIN EMAIL PASSWORD, with the generated package on the path.
"""

import sys
import uuid

from incident_intelligence_platform_client import AuthenticatedClient, Client
from incident_intelligence_platform_client.api.auth import login
from incident_intelligence_platform_client.api.incidents import (
    change_incidents,
    comment_incident,
    get_incident,
    list_incident_logs,
    list_incidents,
    open_incident,
    patch_incident,
    search_incidents,
)
from incident_intelligence_platform_client.api.statistics import incident_statistics
from incident_intelligence_platform_client.api.tasks import change_task, create_incident_task, get_task, list_tasks
from incident_intelligence_platform_client.api.views import create_view
from incident_intelligence_platform_client.models import (
    ChangedIncidents,
    ChangeIncidents,
    ChangeIncidentsLabels,
    CommentIncident,
    CreateIncidentTask,
    CreateSavedView,
    CreateSavedViewFilter,
    EntryKind,
    FoundIn,
    Impact,
    Incident,
    IncidentStatistics,
    ItemOutcome,
    Login,
    OpenIncident,
    PatchIncident,
    PatchTask,
    Priority,
    Problem,
    ProblemCode,
    Resolution,
    ResolutionCode,
    SavedView,
    SearchResults,
    SignedIn,
    Span,
    Status,
    Task,
    TaskStatus,
    TimelineEntry,
    Urgency,
    ViewedList,
)


def main():
    origin, email, password = sys.argv[1:]
    tokens = answer_of(SignedIn, login.sync_detailed(client=Client(origin), body=Login(email, password)))
    client = AuthenticatedClient(origin, tokens.access_token)
    incident = run_lifecycle(client)
    work_on_tasks(client, incident)
    find_and_count(client, incident)
    change_many(client, incident)
    unauthenticated = answer_of(Problem, list_incidents.sync_detailed(client=AuthenticatedClient(origin, "no token")))
    check(unauthenticated.code == ProblemCode.INVALID_TOKEN, unauthenticated)
    print(f"{incident.number}: opened, acknowledged, commented, resolved, listed; refusals are typed problems")
    print("tasks, a search, a saved view, numbers and a change of many as well")


def run_lifecycle(client):
    """Open, acknowledge, comment and resolve an incident."""
    # Sent twice with one key, executed once.
    new = OpenIncident("checkout answers 500", impact=Impact.HIGH, urgency=Urgency.HIGH, service="checkout")
    key = str(uuid.uuid4())
    incident, again = (
        answer_of(Incident, open_incident.sync_detailed(client=client, body=new, idempotency_key=key)) for _ in range(2)
    )
    check(incident == again, "the same key brings the same answer")
    check((incident.status, incident.priority) == (Status.OPEN, Priority.CRITICAL), incident)

    def change(patch, **headers):
        return patch_incident.sync_detailed(incident.number, client=client, body=patch, **headers)

    # An incident must be acknowledged before it is resolved.
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
    return found


def work_on_tasks(client, incident):
    """Create a task in a new category for the incident, whose timeline records it."""
    new = CreateIncidentTask("tell the shop", category="Communication", priority=Priority.HIGH)
    task = answer_of(Task, create_incident_task.sync_detailed(incident.number, client=client, body=new))
    check((task.status, task.category, task.incident_id) == (TaskStatus.TODO, "Communication", incident.id), task)

    def change(status):
        return change_task.sync_detailed(task.id, client=client, body=PatchTask(status=status))

    refused = answer_of(Problem, change(TaskStatus.DONE))
    check(refused.code == ProblemCode.TRANSITION_REFUSED, refused)
    for status in (TaskStatus.IN_PROGRESS, TaskStatus.DONE):
        check(answer_of(Task, change(status)).status == status, status)
    read = answer_of(Task, get_task.sync_detailed(task.id, client=client))
    check((read.status, read.allowed_transitions) == (TaskStatus.DONE, [TaskStatus.IN_PROGRESS]), read)
    page = list_tasks.sync(client=client, incident=incident.number, category="communication", cursor="")
    check([item.id for item in page.items] == [task.id], page)
    logs = list_incident_logs.sync(incident.number, client=client, cursor="")
    kinds = [item.kind for item in logs.items][-3:]
    check(kinds == [EntryKind.TASK_ADDED, EntryKind.TASK_CHANGED, EntryKind.TASK_CHANGED], logs)


def find_and_count(client, incident):
    """Find the incident by its comments and by a saved view, and count it in the statistics."""
    found = answer_of(SearchResults, search_incidents.sync_detailed(client=client, q="rolled rel*"))
    check([result.incident.id for result in found.items] == [incident.id], found)
    [result] = found.items
    marked = [part.text for highlight in result.highlights for part in highlight.fragments if part.is_match]
    check(result.found_in == FoundIn.COMMENT and marked == ["rolled", "release"], result)

    conditions = CreateSavedViewFilter.from_dict({"service": "checkout", "priority": "critical"})
    new = CreateSavedView(filter_=conditions, list_=ViewedList.INCIDENTS, name="Open incidents")
    view = answer_of(SavedView, create_view.sync_detailed(client=client, body=new))
    check(view.filter_["service"] == "checkout", view)
    page = list_incidents.sync(client=client, view=view.id, cursor="")
    check([item.id for item in page.items] == [incident.id], page)

    numbers = answer_of(IncidentStatistics, incident_statistics.sync_detailed(client=client, by=Span.DAY))
    check((numbers.incidents, numbers.time_to_resolve.count, len(numbers.buckets)) == (1, 1, 1), numbers)
    check([(count.service, count.count) for count in numbers.by_service] == [("checkout", 1)], numbers)


def change_many(client, incident):
    """Change two incidents in one request, and one that does not exist and is refused alone."""
    second = answer_of(Incident, open_incident.sync_detailed(client=client, body=OpenIncident("it is back")))
    labels = ChangeIncidentsLabels.from_dict({"team": "payments"})
    named = [incident.number, second.number, "INC-999999"]
    many = ChangeIncidents(incidents=named, labels=labels)
    changed = answer_of(ChangedIncidents, change_incidents.sync_detailed(client=client, body=many))
    outcomes = [item.outcome for item in changed.items]
    check(outcomes == [ItemOutcome.CHANGED, ItemOutcome.CHANGED, ItemOutcome.REFUSED], changed)
    check((changed.succeeded, changed.failed, changed.items[2].error.code) == (2, 1, ProblemCode.NOT_FOUND), changed)
    page = list_incidents.sync(client=client, label="team:payments", cursor="")
    check({item.number for item in page.items} == {incident.number, second.number}, page)


def answer_of(kind, response):
    """Return the body of a response, which must be of this type."""
    check(isinstance(response.parsed, kind), f"{response.status_code}: {response.content}")
    return response.parsed


def check(is_so, what):
    if not is_so:
        sys.exit(f"unexpected: {what}")


main()
