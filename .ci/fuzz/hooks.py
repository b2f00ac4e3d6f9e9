"""Schemathesis hooks for what the document does not contain: authentication, and values that exist on the server.

Loaded by schemathesis (`.ci/fuzz-api` names it). Every call is counted, for `verdict.py`.
"""

import atexit
import collections
import hashlib
import json
import os

import schemathesis
from hypothesis import strategies as st

from account import account_of_run
from guide import Guide

# Operations that may end the caller's session.
ENDS_SESSION = {
    "change_password",
    "end_my_session",
    "end_my_sessions",
    "end_user_session",
    "end_user_sessions",
    "logout",
}

# Error codes of failed authentication. Wrong credentials and spent refresh tokens are expected responses.
NOT_RECOGNISED = {"not_signed_in", "invalid_token", "token_expired", "session_ended", "api_token_ended"}

account = account_of_run()
guide = Guide(account)
calls = collections.Counter()


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Authenticates requests to protected operations, unless the case omits or corrupts the token on purpose."""

    def get(self, case, context):
        return account.authorization() if needs_token(case) else None

    def set(self, case, authorization, context):
        case.headers["Authorization"] = authorization


def password_of(number):
    """Return a password that is not guessable, because the server refuses guessable ones."""
    return "Ä " + hashlib.sha256(str(number).encode()).hexdigest()[:30]


schemathesis.openapi.format("password", st.integers(min_value=0).map(password_of))


def needs_token(case):
    return any(case.operation.definition.raw["security"])


def operation_of(case):
    return case.operation.definition.raw["operationId"]


def json_of(response):
    """Return the response's JSON object, or an empty one. The checks decide whether it is valid."""
    try:
        answer = json.loads(response.content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


@schemathesis.hook
def before_call(context, case, kwargs):
    guide.lead(operation_of(case), case)
    # The session may have ended since the case was generated.
    if case.headers.get("Authorization") in account.shown:
        case.headers["Authorization"] = account.authorization()


@schemathesis.hook
def after_call(context, case, response):
    operation = operation_of(case)
    is_signed = response.request.headers.get("Authorization") in account.shown
    is_done = 200 <= response.status_code < 300
    answer = json_of(response)
    code = answer.get("code")
    calls[(operation, needs_token(case), is_signed, response.status_code, code)] += 1

    guide.learn(case, response, answer)
    if code == "too_many_api_tokens":
        account.revoke_api_tokens()
    # A replayed response describes the effect of the first request.
    is_effect = is_done and "idempotency-replayed" not in response.headers
    if is_signed and (code in NOT_RECOGNISED or (is_effect and operation in ENDS_SESSION)):
        account.session_ended()
    if is_effect and operation == "change_password":
        account.password = json.loads(response.request.body)["new_password"]
    if is_effect and operation == "patch_user" and answer.get("id") == account.id:
        account.email = answer["email"]


@atexit.register
def write_calls():
    names = ("operation", "needs_token", "is_signed", "status", "code")
    rows = [{**dict(zip(names, key)), "count": count} for key, count in calls.items()]
    for row in rows:
        row["is_recognised"] = row["code"] not in NOT_RECOGNISED
    with open(os.environ["FUZZ_CALLS"], "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
