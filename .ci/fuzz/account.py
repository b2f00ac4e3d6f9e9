"""The user account of a run."""

import os
import secrets

import requests

ORIGIN = os.environ["FUZZ_ORIGIN"]
TIMEOUT_SECONDS = 30

# How many of the newest API tokens to keep after the limit of a hundred is reached; they may still be in use.
API_TOKENS_KEPT = 50


class Account:
    """A user with a session or an API token. Tested operations may end the session; the next request signs in again."""

    def __init__(self, email, password):
        self.email = email
        self.password = password
        self.token = None
        # Every Authorization header that was ever valid.
        self.shown = set()
        self.id = self.call("GET", "/users/me").json()["id"]

    def authorization(self):
        if self.token is None:
            self.token = self.sign_in()["access_token"]
        header = f"Bearer {self.token}"
        self.shown.add(header)
        return header

    def sign_in(self):
        credentials = {"email": self.email, "password": self.password}
        answer = requests.post(f"{ORIGIN}/api/v1/auth/login", json=credentials, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def session_ended(self):
        if self.token is not None and not self.token.startswith("ipt_"):
            self.token = None

    def call(self, method, path, body=None):
        headers = {"Authorization": self.authorization()}
        return requests.request(method, f"{ORIGIN}/api/v1{path}", headers=headers, json=body, timeout=TIMEOUT_SECONDS)

    def revoke_api_tokens(self):
        for token in self.call("GET", "/auth/api-tokens?page_size=200").json()["items"][API_TOKENS_KEPT:]:
            self.call("DELETE", f"/auth/api-tokens/{token['id']}")


def account_of_run():
    """Return the administrator with a session, or a new user with an API token, so that both are tested."""
    admin = Account(os.environ["FUZZ_EMAIL"], os.environ["FUZZ_PASSWORD"])
    role = os.environ["FUZZ_ROLE"]
    if role == "admin":
        return admin
    user = {"email": f"{role}-{secrets.token_hex(8)}@example.org", "name": role, "role": role}
    password = secrets.token_urlsafe(18)
    admin.call("POST", "/users", {**user, "password": password}).raise_for_status()
    account = Account(user["email"], password)
    created = account.call("POST", "/auth/api-tokens", {"name": "fuzzing", "role": role})
    created.raise_for_status()
    account.token = created.json()["token"]
    return account
