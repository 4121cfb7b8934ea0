"""Version 1 of the REST interface: one module a noun, each thin over a service."""

from fastapi import APIRouter

from app.api.v1 import (
    accounts,
    actions,
    administration,
    agencies,
    agenda,
    assessments,
    attendance,
    audit,
    break_glass,
    cases,
    clients,
    contacts,
    disclosures,
    exclusions,
    exports,
    lawful_bases,
    matches,
    meetings,
    notices,
    outcomes,
    people,
    reference,
    referrals,
    research,
    restrictions,
    risks,
    sessions,
    support,
)

router = APIRouter()
router.include_router(accounts.router)
router.include_router(actions.router)
router.include_router(administration.router)
router.include_router(agencies.router)
router.include_router(agenda.router)
router.include_router(assessments.router)
router.include_router(attendance.router)
router.include_router(audit.router)
router.include_router(break_glass.router)
router.include_router(cases.router)
router.include_router(clients.router)
router.include_router(contacts.router)
router.include_router(disclosures.router)
router.include_router(exclusions.router)
router.include_router(exports.router)
router.include_router(lawful_bases.router)
router.include_router(matches.router)
router.include_router(meetings.router)
router.include_router(notices.router)
router.include_router(outcomes.router)
router.include_router(people.router)
router.include_router(reference.router)
router.include_router(referrals.router)
router.include_router(research.router)
router.include_router(restrictions.router)
router.include_router(risks.router)
router.include_router(sessions.router)
router.include_router(support.router)
