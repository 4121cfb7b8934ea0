"""Addresses that are got and are looked at elsewhere."""

from typing import Final

# Addresses that are got and are no pages, or that only a ceremony half done can open: why, and who looks at them.
ELSEWHERE: Final[dict[str, str]] = {
    "/sign-in/with/{provider_id}": "leads to a provider",
    "/confirm/with/{provider_id}": "leads to a provider",
    "/join/with/{provider_id}": "leads to a provider",
    "/join/{token}": "leads to /join; test_join.py",
    "/join/passkey": "comes after a link; test_join.py",
    "/join/app/{app}": "comes after a link; test_join.py",
    "/sign-in/back/{provider_id}": "leads on from a provider; tests/openid",
    "/sign-in/second": "comes after a provider; tests/openid",
    "/people/download": "a file; tests/integration/test_accounts.py",
    "/stay": "a stream of events; tests/integration/test_stay.py",
    "/stay/ended": "leads on to /sign-in; tests/integration/test_accounts.py",
    "/.well-known/jwks.json": "for programs; tests/integration/test_oauth.py",
    "/.well-known/oauth-authorization-server": "for programs; tests/integration/test_oauth.py",
    "/health": "for balancers",
    "/meetings/calendars/{forum_id}.ics": "a file for a calendar",
    "/exports/{export_id}/file": "a file",
    "/oversight/people/{reference}/shared.pdf": "a file; tests/web/test_oversight.py",
    "/reference": "drawn by Swagger UI, whose markup is not ours",
}
