"""Lawful bases: the partnership's register of what an agency may share on, and its sharing agreements."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.lawful_bases import (
    LawfulBasisChoices,
    LawfulBasisShape,
    LawfulBasisVersions,
    SharingAgreements,
    SharingAgreementShape,
)
from app.domain.lawful_bases import AgreementForm, EndForm, LawfulBasisForm, Purpose
from app.services import lawful_bases

router = APIRouter(tags=["Lawful bases"])


@router.get("/lawful-bases", responses=answers(200, LawfulBasisChoices))
async def list_lawful_bases(
    desk: AtDesk,
    purpose: Annotated[Purpose | None, Query(description="What you share for: one of them is then proposed.")] = None,
) -> Response:
    """What your agency may choose today, with help in plain English. The basis is yours to choose: none is taken
    silently."""
    return await desk.show(lawful_bases.choosable, purpose)


@router.get("/lawful-bases/register", responses=answers(200, LawfulBasisVersions))
async def read_register(desk: AtDesk) -> Response:
    """The whole register, with every version there was, for every kind of agency."""
    return await desk.show(lawful_bases.every_version)


@router.post("/lawful-bases", status_code=201, responses=answers(201, LawfulBasisShape, 409))
async def add_lawful_basis(desk: AtDesk, form: LawfulBasisForm) -> Response:
    """A new entry, or the next version of the one with this code: the version before it holds until this one begins.

    Administrators of the partnership only. What was shared on an earlier version keeps its words.
    """
    return await desk.make(201, lawful_bases.add, form)


@router.post("/lawful-bases/{basis_id}/end", responses=answers(200, LawfulBasisShape, 404, 409))
async def end_lawful_basis(desk: AtDesk, basis_id: UUID, form: EndForm) -> Response:
    """End an entry: from that day nobody can choose it. Administrators of the partnership only."""
    return await desk.make(200, lawful_bases.end, basis_id, form)


@router.get("/sharing-agreements", responses=answers(200, SharingAgreements))
async def list_sharing_agreements(desk: AtDesk) -> Response:
    """Every agreement between the partners, the newest first."""
    return await desk.show(lawful_bases.agreements)


@router.post("/sharing-agreements", status_code=201, responses=answers(201, SharingAgreementShape, 409))
async def add_sharing_agreement(desk: AtDesk, form: AgreementForm) -> Response:
    """Write down an agreement that was signed. From its first day it is named in what is shared, unless another is.

    Administrators of the partnership only.
    """
    return await desk.make(201, lawful_bases.sign_agreement, form)


@router.post("/sharing-agreements/{agreement_id}/end", responses=answers(200, SharingAgreementShape, 404, 409))
async def end_sharing_agreement(desk: AtDesk, agreement_id: UUID, form: EndForm) -> Response:
    """End an agreement. What was shared under it stands. Administrators of the partnership only."""
    return await desk.make(200, lawful_bases.end_agreement, agreement_id, form)
