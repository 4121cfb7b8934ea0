"""Identity providers: organisations' own sign-in, whom each lets in, and how surely it proves them."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.providers import ProviderKept, ProvidersKept
from app.domain.providers import ChangedProvider, NewProvider, Trust
from app.services import providers

router = APIRouter(prefix="/identity-providers", tags=["Identity providers"])


@router.get("", responses=answers(200, ProvidersKept))
async def list_providers(desk: AtDesk) -> Response:
    """Every provider there is or was, those in use first. For the partnership's administrator."""
    return await desk.show(providers.told_of_all)


@router.post("", status_code=201, responses=answers(201, ProviderKept, 409))
async def add_provider(request: Request, desk: AtDesk, provider: NewProvider) -> Response:
    """Add a provider, once it has answered at its issuer. Draw its `id` yourself, and register `/sign-in/back/` and the
    id with it first, as the redirect URI. It lets in nobody until you say whom."""
    issuer = await providers.check(desk.do, request.app.state.openid, desk.now, provider)
    return await desk.make(201, providers.kept, provider, issuer)


@router.get("/{provider_id}", responses=answers(200, ProviderKept, 404))
async def read_provider(desk: AtDesk, provider_id: UUID) -> Response:
    """A provider, whom it lets in, and how surely it proves them."""
    return await desk.show(providers.told_of, provider_id)


@router.put("/{provider_id}", responses=answers(200, ProviderKept, 404, 409, 412, 428))
async def change_provider(desk: AtDesk, provider_id: UUID, provider: ChangedProvider) -> Response:
    """Change its name, or who we are there. Without a secret the one that is kept stays. Its issuer never changes."""
    return await desk.show(providers.changed, provider_id, desk.version("provider"), provider)


@router.put("/{provider_id}/trust", responses=answers(200, ProviderKept, 404, 409, 412, 428))
async def trust_provider(desk: AtDesk, provider_id: UUID, trust: Trust) -> Response:
    """Say whom it lets in, by rules of which the first that matches counts, and whether signing in there takes two
    factors. Whoever joined by a rule before stays."""
    return await desk.show(providers.trusted, provider_id, desk.version("provider"), trust)


@router.post("/{provider_id}/end", responses=answers(200, ProviderKept, 404, 409))
async def end_provider(desk: AtDesk, provider_id: UUID) -> Response:
    """Switch it off: nobody signs in by way of it any more. Those who did sign in in another way."""
    return await desk.make(200, providers.ended, provider_id)
