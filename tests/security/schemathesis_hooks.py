"""Checks of filmgate's own: what schemathesis cannot know from a document."""

import re

import schemathesis

# With limits off and nothing broken, none of these has a reason.
FAILURES = {None, "INTERNAL", "UNAVAILABLE", "RATE_LIMITED", "PRICE_ABOVE_BURST"}

# Names from within: of the database, of libraries, of files.
INSIDE = re.compile(r"sqlx|sea_?orm|sqlite|postgres|panicked|\.rs:\d|RUST_BACKTRACE|/src/|SELECT |INSERT |UPDATE ")

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@schemathesis.check
def refused_by_name(ctx, response, case):
    """A GraphQL error is a refusal and has a code, and a document that fits the schema is never called invalid."""
    if "/graphql" not in response.request.url:
        return
    assert response.status_code < 500, f"status {response.status_code}"
    answer = response.json()
    assert isinstance(answer, dict), "not an object"
    errors = answer.get("errors", [])
    codes = {error.get("extensions", {}).get("code") for error in errors}
    assert not codes & FAILURES, f"codes {codes}"
    is_meant_well = case.meta is not None and case.meta.generation.mode.is_positive
    assert not (is_meant_well and "GRAPHQL_VALIDATION_FAILED" in codes), "a valid document was refused"
    assert all("fields" in error["extensions"] for error in errors if error["extensions"]["code"] == "INVALID_INPUT")


@schemathesis.check
def leaks_nothing(ctx, response, case):
    """An answer tells nothing of the inside, other than what was sent in."""
    sent = f"{response.request.url} {response.request.body!r}"
    told = INSIDE.search(response.text)
    assert told is None or told.group() in sent, f"the answer has {told.group()!r}"


@schemathesis.check
def has_security_headers(ctx, response, case):
    """Every answer, whatever its status."""
    headers = {name.lower(): ", ".join(values) for name, values in response.headers.items()}
    for name, value in HEADERS.items():
        assert headers.get(name) == value, f"{name}: {headers.get(name)}"
    # What is the same for everybody has a tag, and is asked for again by that.
    kept = "no-cache" if "etag" in headers else "no-store"
    assert headers.get("cache-control") == kept, f"cache-control: {headers.get('cache-control')}"
    assert headers.get("content-security-policy", "").startswith("default-src 'none'")
    assert re.fullmatch(r"[0-9a-f]{32}", headers.get("x-request-id", "")), "no request id"
