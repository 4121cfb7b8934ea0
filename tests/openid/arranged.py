"""A provider as it stands in a partnership, for pages that only show it: nothing answers at its address."""

from uuid import UUID

from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables.sign_in import openid_provider
from app.domain.providers import JoiningRule, SecondFactor, Trust
from tests.world import World


async def shown_provider(world: World) -> UUID:
    """A provider with two rules. Returns its id."""
    provider_id = new_id()
    rules = (
        {"claim": "groups", "one_of": ["ops", "response"], "agency_id": world.agencies["police"]},
        {"claim": "hd", "one_of": ["health.example"], "agency_id": world.agencies["health"], "roles": ["practitioner"]},
    )
    trust = Trust(
        rules=tuple(JoiningRule.model_validate(each) for each in rules),
        second_factor=SecondFactor.WHEN_SAID,
        amr=("mfa",),
    )

    async def add(uow: UnitOfWork) -> None:
        sealed = uow.vault.seal(b"a secret", partnership_id=world.partnership_id, row_id=provider_id)
        uow.add(
            openid_provider,
            id=provider_id,
            name="Wessex Police",
            issuer=f"https://login.police.example/{provider_id}",
            client_id="0f6d1c5e-roundtable",
            key_id=sealed.key_id,
            sealed=sealed.data,
            rules=trust.model_dump(mode="json"),
            created_at=uow.now,
            version=1,
        )

    await world.database.run_as_system(world.partnership_id, add, world.clock())
    return provider_id
