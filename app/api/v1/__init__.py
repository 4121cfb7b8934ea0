"""Version 1 of the REST interface: one module a noun, each thin over a service."""

from fastapi import APIRouter

from app.api.v1 import (
    actions,
    assessments,
    audit,
    cases,
    meetings,
    referrals,
    support,
)

router = APIRouter()
router.include_router(actions.router)
router.include_router(assessments.router)
router.include_router(audit.router)
router.include_router(cases.router)
router.include_router(meetings.router)
router.include_router(referrals.router)
router.include_router(support.router)
