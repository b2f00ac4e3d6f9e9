"""Changes generated requests so that they name existing records and take allowed transitions.

Most generated requests name incidents and users that do not exist, and are refused early. Therefore the valid parts of
most requests are replaced by values from earlier responses. Parts that are invalid on purpose stay invalid.

In the stateful phase, equal requests must be changed equally: Hypothesis repeats prefixes of scenarios, and gives up if
they behave differently.
"""

import collections
import json
import re
import uuid
import zlib

from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

# How many of the newest values of each kind are remembered.
REMEMBERED_MAX = 30

# The fields of an incident's change that are only valid together with a transition.
ONLY_WITH_A_STEP = ("status", "hold_reason", "resolution", "duplicate_of", "reason")

IDEMPOTENCY_KEY = "Idempotency-Key"

# The paths that end a session or revoke a token.
ENDS_ACCESS = re.compile(r"/(sessions|api-tokens)/\{\w+\}$")


def remembered():
    return collections.deque(maxlen=REMEMBERED_MAX)


class Guide:
    def __init__(self, account):
        self.account = account
        # By the path of an operation: path parameters of existing records.
        self.places = collections.defaultdict(remembered)
        self.users = remembered()
        self.incidents = remembered()
        # By the path of an operation.
        self.cursors = {}
        self.refresh_token = None
        # By the label of an operation: the last request with an idempotency key that succeeded.
        self.keyed = {}
        # By the path of a request.
        self.entity_tags = {}
        self.steps = {}

    def lead(self, operation, case):
        """Change a request before it is sent."""
        is_stateful = phase_of(case) is TestPhase.STATEFUL
        # In the stateful phase, links determine the path parameters.
        if not is_stateful and case.path_parameters and is_sound(case, ParameterLocation.PATH):
            self.lead_path(case)
        if case.query and is_sound(case, ParameterLocation.QUERY):
            self.lead_query(case)
        # The coverage phase takes a value of a wrong type along into cases that it means to be good.
        if is_sound(case, ParameterLocation.HEADER) or is_sound_throughout(case):
            self.lead_preconditions(case)
        if isinstance(case.body, dict) and is_sound(case, ParameterLocation.BODY):
            body = self.lead_body(operation, case, is_stateful)
            if body != case.body:
                case.body = body
        if IDEMPOTENCY_KEY in case.headers and is_sound(case, ParameterLocation.HEADER):
            self.lead_key(case)
        elif re.fullmatch(r"[!-~]+", case.headers.get(IDEMPOTENCY_KEY) or ""):
            # With a used key, the response is the one to the first request, even if the rest is invalid.
            case.headers[IDEMPOTENCY_KEY] = str(uuid.uuid4())

    def lead_path(self, case):
        if chosen(4, case.path_parameters, case.body) == 0:
            return
        places = self.places[case.path]
        # Most earlier sessions and tokens have ended.
        if not places or ENDS_ACCESS.search(case.path):
            self.look_around(case)
        if places:
            places.rotate()
            case.path_parameters = dict(places[0])

    def look_around(self, case):
        """Request the list that contains the path's last parameter. Of all users, the caller certainly has a session."""
        path = case.path.rpartition("/{")[0]
        place = {"id": self.account.id} if "{id}" in path else {}
        answer = self.account.call("GET", path.removeprefix("/api/v1").format(**place)).json()
        for item in answer.get("items", []):
            self.learn_item(path, case.operation.schema.raw_schema["paths"], place, item)

    def lead_query(self, case):
        if "cursor" in case.query and chosen(4, case.query) > 0:
            # A list is read by pages or by a cursor, and a cursor is valid only for the list that returned it.
            if chosen(2, "cursor", case.query) == 0:
                case.query = {name: value for name, value in case.query.items() if name != "cursor"}
            else:
                cursor = self.cursors.get(case.path, "")
                case.query = {**{name: value for name, value in case.query.items() if name != "page"}, "cursor": cursor}

    def lead_preconditions(self, case):
        for name in ("If-Match", "If-None-Match"):
            if name in case.headers:
                tag = self.entity_tags.get(case.formatted_path, "*")
                choices = [tag, tag, "*", '"other"']
                case.headers[name] = choices[chosen(len(choices), case.headers[name], case.query, case.body)]

    def lead_key(self, case):
        """Return a new key in most cases: a used one is refused, or returns the response to another request."""
        is_about_the_key = case.meta is not None and case.meta.phase.data.parameter == IDEMPOTENCY_KEY
        choice = chosen(4, case.body, case.headers[IDEMPOTENCY_KEY])
        if phase_of(case) is not TestPhase.FUZZING or choice > 1:
            if not is_about_the_key:
                case.headers[IDEMPOTENCY_KEY] = str(uuid.uuid4())
        elif choice == 1 and case.operation.label in self.keyed and is_sound_throughout(case):
            # Repeats the last request.
            case.path_parameters, case.body, case.headers[IDEMPOTENCY_KEY] = self.keyed[case.operation.label]

    def lead_body(self, operation, case, is_stateful):
        body = dict(case.body)
        choice = chosen(4, body)
        if "assigned_to" in body and choice > 0:
            self.users.rotate()
            body["assigned_to"] = self.account.id if is_stateful or not self.users else self.users[0]
        if "email" in body and operation != "login" and (is_stateful or choice > 0):
            body["email"] = f"{uuid.uuid4()}@example.org"
        if operation == "login" and choice == 0:
            return {"email": self.account.email, "password": self.account.password}
        if operation == "change_password" and "current_password" in body and choice == 0:
            body["current_password"] = self.account.password
        if operation == "refresh" and choice < 2:
            # Uses a new refresh token, or the last one again.
            if choice == 0 or is_stateful or self.refresh_token is None:
                self.refresh_token = self.account.sign_in()["refresh_token"]
            return {"refresh_token": self.refresh_token}
        if operation == "patch_incident":
            # The coverage phase tests the limits of each field in turn, with all other fields present.
            is_coverage = phase_of(case) is TestPhase.COVERAGE
            steps = self.steps.get(case.formatted_path)
            if choice < 2 and steps and not is_coverage:
                return self.step(steps[chosen(len(steps), body)], body)
            if choice == 2 or is_coverage:
                return {name: value for name, value in body.items() if name not in ONLY_WITH_A_STEP} or body
        return body

    def step(self, step, generated):
        """Return the body of a PATCH that takes an allowed transition."""
        body = {"status": step["to"]}
        for requirement in step["requires"]:
            field, codes = requirement["field"], requirement["codes"]
            code = codes[chosen(len(codes), field, generated)] if codes else "it has to be"
            body[field] = {"code": code} if field == "resolution" else code
            if code == "duplicate":
                body["duplicate_of"] = self.incidents[0]
        return body

    def learn(self, case, response, answer):
        """Remember the values of a response."""
        if tag := response.headers.get("etag"):
            self.entity_tags[case.formatted_path] = tag[0]
        place = dict(case.path_parameters or {})
        is_gone = response.status_code == 404 or (response.status_code == 204 and case.method.upper() == "DELETE")
        if is_gone and place in self.places[case.path]:
            self.places[case.path].remove(place)
        if answer.get("next_cursor"):
            self.cursors[case.path] = answer["next_cursor"]
        if 200 <= response.status_code < 300:
            if IDEMPOTENCY_KEY in case.headers:
                self.keyed[case.operation.label] = (place, case.body, case.headers[IDEMPOTENCY_KEY])
            for item in answer.get("items", [answer]):
                self.learn_item(case.path, case.operation.schema.raw_schema["paths"], place, item)

    def learn_item(self, path, paths, place, item):
        if not isinstance(item, dict) or "id" not in item:
            return
        if item.get("is_active"):
            self.users.append(item["id"])
        # Tasks have transitions too, but no number and no required fields.
        if "allowed_transitions" in item and "number" in item:
            self.incidents.append(item["number"])
            # Mostly avoids cancelling, because a cancelled incident has no transitions.
            steps = [step for step in item["allowed_transitions"] if step["to"] != "cancelled"]
            if chosen(4, item["id"]) == 0:
                steps = item["allowed_transitions"]
            for name in (item["id"], item["number"]):
                self.steps[f"/api/v1/incidents/{name}"] = steps
        for other in paths:
            # A path with one parameter more than a list is that of an item.
            below = re.fullmatch(re.escape(path) + r"/\{(\w+)\}[^{]*", other)
            place_below = {**place, below[1]: item.get("number", item["id"])} if below else None
            if below and place_below not in self.places[other]:
                self.places[other].append(place_below)


def chosen(choices, *what):
    """Return a number below `choices`, the same for equal arguments."""
    return zlib.crc32(json.dumps(what, default=repr, sort_keys=True).encode()) % choices


def phase_of(case):
    return case.meta.phase.name if case.meta else None


def is_sound(case, location):
    """Return whether a part of a request was generated to match the document."""
    return case.meta is None or not case.meta.is_negative_at(location)


def is_sound_throughout(case):
    return case.meta is None or case.meta.generation.mode.is_positive
