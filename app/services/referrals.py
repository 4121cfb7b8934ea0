"""Referrals while they are written: drafts are kept at each step, and seen by their author and agency's desk."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from app.db import referrals as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.referrals import referral
from app.db.vault import Sealed
from app.domain.access import Verb, desk_principal
from app.domain.contacts import Contacts
from app.domain.errors import Conflict, NotFound, Stale
from app.domain.referrals import ReferralForm, join_contacts, split_contacts, told_in_words
from app.services.once import Document


def stored(uow: UnitOfWork, referral_id: UUID, form: ReferralForm) -> dict[str, Any]:
    """The form as columns: contact details sealed and apart from everything else."""
    contacts = split_contacts(form)[1]
    sealed = uow.vault.seal(
        contacts.model_dump_json(exclude_none=True).encode(),
        partnership_id=uow.actor.partnership_id,
        row_id=referral_id,
    )
    return {"form": _plain(form), "contacts_key_id": sealed.key_id, "contacts": sealed.data}


def sent(form: ReferralForm) -> dict[str, Any]:
    """The form as columns once it is sent: where people can be found is kept with the case, behind a release.

    Who may know of the case has become rows of its own, which few may read.
    """
    told = form.model_copy(update={"access": None})
    return {"form": _plain(told), "contacts_key_id": None, "contacts": None}


def _plain(form: ReferralForm) -> dict[str, Any]:
    return split_contacts(form)[0].model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def restored(uow: UnitOfWork, row: Any) -> ReferralForm:
    """The form with its contact details, from columns."""
    form = ReferralForm.model_validate(row["form"])
    if row["contacts"] is None:
        return form
    opened = uow.vault.open(
        Sealed(row["contacts_key_id"], bytes(row["contacts"])),
        partnership_id=uow.actor.partnership_id,
        row_id=row["id"],
    )
    return join_contacts(form, Contacts.model_validate_json(opened))


async def create(uow: UnitOfWork, form: ReferralForm) -> Document:
    """Keep a new draft."""
    uow.actor.must(Verb.REFER)
    referral_id = new_id()
    uow.add(
        referral,
        id=referral_id,
        **stored(uow, referral_id, form),
        status="draft",
        version=1,
        agency_id=uow.actor.agency,
        author_id=uow.actor.user,
        principals=_principals(form, uow.actor.user, uow.actor.agency),
        result={},
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.record("referral.drafted", subjects=[referral_id])
    shown = _shown(referral_id, 1, "draft", None, form)
    # Where people can be found is not told again by a repeat, which may come when it is behind a release.
    return replace(shown, kept=_shown(referral_id, 1, "draft", None, split_contacts(form)[0]).body)


async def revise(uow: UnitOfWork, referral_id: UUID, form: ReferralForm, version: int | None) -> Document:
    """Replace a draft's content. Raises Stale when someone else has changed it since ``version``."""
    uow.actor.must(Verb.REFER)
    row = await draft_to_change(uow, referral_id)
    if version is not None and version != row["version"]:
        raise Stale("referral")
    principals = _principals(form, row["author_id"], row["agency_id"])
    await uow.change(referral, referral_id, **stored(uow, referral_id, form), principals=principals, updated_at=uow.now)
    uow.record("referral.revised", subjects=[referral_id])
    return _shown(referral_id, row["version"] + 1, "draft", None, form)


async def withdraw(uow: UnitOfWork, referral_id: UUID, version: int | None) -> Document:
    """Give up a draft. It stays in the record, empty; nothing that was sent can be withdrawn."""
    uow.actor.must(Verb.REFER)
    row = await draft_to_change(uow, referral_id)
    if version is not None and version != row["version"]:
        raise Stale("referral")
    await uow.change(
        referral, referral_id, status="withdrawn", form={}, contacts=None, contacts_key_id=None, updated_at=uow.now
    )
    uow.record("referral.withdrawn", subjects=[referral_id])
    return _shown(referral_id, row["version"] + 1, "withdrawn", None, ReferralForm())


async def read(uow: UnitOfWork, referral_id: UUID) -> Document:
    """One referral. A draft shows its contact details to the agency that writes it; one that was sent, masked."""
    uow.actor.must(Verb.READ)
    row = await uow.row(queries.ONE, id=referral_id)
    if row is None:
        raise NotFound("referral")
    uow.record("referral.read", case_id=row["case_id"], subjects=[referral_id])
    head = (referral_id, row["version"], row["status"], row["case_id"])
    return _shown(*head, restored(uow, row), row["result"], row["given"])


async def listed(uow: UnitOfWork, *, status: str | None, after: UUID | None, limit: int) -> Document:
    """The agency's referrals that this actor may see, newest first."""
    uow.actor.must(Verb.READ)
    row = await uow.one(queries.LIST, agency=uow.actor.agency, status=status, after=after, limit=limit)
    ids = row["ids"] or []
    uow.record("referral.listed", subjects=[*ids, *(row["cases"] or [])])
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


def _principals(form: ReferralForm, author: UUID, agency: UUID) -> list[UUID]:
    """Who sees a draft: its author and their agency's desk; only its author once it says who may not know of it."""
    return [author] if form.access else [author, desk_principal(agency)]


async def locked(uow: UnitOfWork, referral_id: UUID) -> Any:
    """The referral, held against anybody else until this transaction ends. Raises NotFound."""
    row = await uow.row(queries.TO_CHANGE, id=referral_id)
    if row is None:
        # Whoever held it may have sent it meanwhile: then its case decides who sees it, by grants that are newer than
        # the snapshot of the statement that waited. A second look sees them.
        row = await uow.row(queries.TO_CHANGE, id=referral_id)
    if row is None:
        raise NotFound("referral")
    return row


async def draft_to_change(uow: UnitOfWork, referral_id: UUID) -> Any:
    """The draft, locked. Raises NotFound, or Conflict when it is no longer a draft."""
    row = await locked(uow, referral_id)
    if row["status"] != "draft":
        raise Conflict(f"This referral is {row['status']} and can no longer be changed. Send a new one instead.")
    return row


def _shown(
    referral_id: UUID,
    version: int,
    status: str,
    case_id: UUID | None,
    form: ReferralForm,
    result: str | None = None,
    given: str | None = None,
) -> Document:
    head = {"id": referral_id, "status": status, "version": version, "case_id": case_id}
    body = to_json(
        {
            **head,
            "form": (told_in_words(form) if case_id else form).model_dump(mode="json", exclude_none=True),
            "contacts": orjson.loads(given or "[]") if case_id else None,
            "result": orjson.loads(result) if result and result != "{}" else None,
        }
    )
    return Document(body, version, f"/api/v1/referrals/{referral_id}")
