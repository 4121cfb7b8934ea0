"""Every page for people who sign in. Each noun has a router of its own."""

from fastapi import APIRouter, FastAPI

from app.web import (
    accounts,
    actions,
    agencies,
    agenda,
    attendance,
    authenticators,
    case_access,
    case_acts,
    cases,
    confirmation,
    contacts,
    disclosures,
    exports,
    forgotten,
    home,
    join,
    meetings,
    notices,
    openid,
    passkeys,
    passwords,
    people,
    questions,
    recovery_codes,
    refer,
    refer_pages,
    research,
    running,
    search,
    sign_in,
    single_sign_on,
    stay,
    support,
    systems,
)
from app.web.refusals import register_refusals
from app.web.visit import Site

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    actions.router,
    notices.router,
    support.router,
    sign_in.router,
    confirmation.router,
    passkeys.router,
    passwords.router,
    authenticators.router,
    recovery_codes.router,
    openid.router,
    single_sign_on.router,
    join.router,
    forgotten.router,
    stay.router,
    refer.router,
    questions.router,
    refer_pages.router,
    accounts.router,
    people.router,
    agencies.router,
    systems.router,
    search.router,
    cases.router,
    contacts.router,
    disclosures.router,
    case_acts.router,
    case_access.router,
    meetings.router,
    agenda.router,
    attendance.router,
    running.router,
    research.router,
    exports.router,
)


def register_pages(app: FastAPI, site: Site) -> None:
    """Add the pages, and pages for browsers that meet an error outside ``/api``. Call it after what answers errors."""
    app.state.site = site
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    register_refusals(app)
