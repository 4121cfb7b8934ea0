"""What is answered about accounts: who has what, and what one is signed in by."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape
from app.domain.access import Role
from app.domain.accounts import AccountState
from app.domain.sessions import SessionKind


class SignInMeans(Shape):
    """By what somebody can sign in: how many passkeys, whether a password and an app, how many accounts at providers,
    and how many recovery codes are left."""

    passkeys: int
    password: bool
    app: bool
    providers: int
    recovery_codes: int


class Account(Shape):
    """A person or a partner system. `last_here`: the newest request, to within a minute. `invited_until`: when the link
    that waits for them runs out. `secret_seen_by_leaver`: a system's secret still holds that somebody saw who has left
    since; it should be changed."""

    id: UUID
    name: str
    email: str
    job_title: str | None
    is_system: bool
    agency: Named
    state: AccountState
    roles: list[Role]
    added_at: datetime
    ended_at: datetime | None
    last_here: datetime | None
    invited_until: datetime | None
    secret_seen_by_leaver: bool
    sign_in: SignInMeans


class AccountPage(Page):
    """A page of accounts."""

    items: list[Account]


class SessionShape(Shape):
    """What you are signed in by. `current`: by this request. `methods`: how you proved who you are."""

    id: UUID
    kind: SessionKind
    methods: list[str]
    device: str | None
    began_at: datetime
    seen_at: datetime
    current: bool


class Sessions(Shape):
    """What you are signed in by at this moment, the newest first."""

    items: list[SessionShape]


class SessionsEnded(Shape):
    """How many were ended."""

    ended: int
