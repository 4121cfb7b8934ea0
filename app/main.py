"""The composition root: what the service is made of, and the only place where all of it meets."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI, Response

from app.api import oauth, v1
from app.api.body_limit import BodyLimit
from app.api.openapi import register_document
from app.api.problems import register_problems
from app.api.routing import find_by_words
from app.api.security_headers import GuardedApp
from app.api.tokens import TokenKeys
from app.db.pool import open_database
from app.db.signet import Signet
from app.db.vault import Vault
from app.db.watch import watching
from app.domain.sign_in_links import Delivery
from app.jobs.exports import export_work
from app.jobs.post import MailServer, posting
from app.jobs.upkeep import forgetting, planning, sealing, upkeep
from app.risk.instruments import load_catalogue
from app.seeds.face import TOUR, front_page
from app.services.openid import Openid
from app.services.outside import Outside
from app.services.passwords import Passwords
from app.settings import ROOT, Settings, SettingsError, load
from app.web.face import WHO_AM_I, DemoPerson, TourStep, register_face
from app.web.pages import register_pages
from app.web.visit import Site

EXAMPLES = ROOT / "openapi" / "examples"


def utc_now() -> datetime:
    """The moment, by this machine's clock."""
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None, clock: Callable[[], datetime] = utc_now, passwords: Passwords | None = None
) -> FastAPI:
    """The service. Raises SettingsError when a key or the database is not set.

    passwords: how they are hashed, for tests, which hash cheaply; a deployment has no say in it.
    """
    settings = settings or load()
    keys = settings.contact_keys and settings.index_keys and settings.seal_keys
    if not settings.database_url or not keys or not settings.signing_kid:
        raise SettingsError(
            "Set DATABASE_URL, ROUNDTABLE_TOKEN_KEYS, ROUNDTABLE_CONTACT_KEYS, ROUNDTABLE_INDEX_KEYS and "
            "ROUNDTABLE_SEAL_KEYS, or use `up`."
        )
    catalogue = load_catalogue(settings.instruments)
    vault = Vault(settings.contact_keys, settings.index_keys)
    try:
        signet = Signet(settings.seal_keys)
    except ValueError as error:
        raise SettingsError(
            f"ROUNDTABLE_SEAL_KEYS cannot be used. {error} Run 'roundtable keys' to make one."
        ) from None
    delivery = Delivery(settings.public_origin, mails=settings.smtp_url is not None)
    chores = [planning(), forgetting(), sealing(signet, timedelta(minutes=settings.seal_minutes))]
    if settings.smtp_url and settings.mail_from:
        chores.append(posting(MailServer(settings.smtp_url, settings.mail_from), delivery, clock))
    url = settings.database_url

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_database(url, catalogue, vault) as database, watching(url) as watch:
            app.state.database = database
            app.state.watch = watch
            async with export_work(database, clock) as work, upkeep(database, clock, chores):
                app.state.exports = work
                # What the program is made of lives as long as it does: no need to search it for garbage.
                gc.collect()
                gc.freeze()
                yield

    app = GuardedApp(
        title="Roundtable",
        version="1",
        summary="Multi-agency case coordination for MARAC, MASH and HRDA.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
    )
    app.state.clock = clock
    app.state.token_keys = TokenKeys(settings.token_keys, settings.signing_kid, settings.public_origin)
    app.state.catalogue = catalogue
    app.state.passwords = passwords or Passwords(settings.breached_passwords)
    app.state.lifetimes = settings.lifetimes
    app.state.delivery = delivery
    app.state.openid = Openid(Outside(private=settings.private_providers, loopback=settings.demo))
    for router in v1.ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(oauth.router)

    async def health() -> bool:
        return bool(await app.state.database.healthy())

    @app.get("/health", include_in_schema=False)
    async def answer_health() -> Response:
        """Whether the service and its database answer: 200 or 503, for balancers and containers."""
        healthy = await health()
        return Response("ok" if healthy else "the database does not answer", 200 if healthy else 503)

    register_problems(app)
    app.add_middleware(BodyLimit)
    people = [DemoPerson(*each) for each in front_page()] if settings.demo else []
    app.state.demo_people = people
    tour = [WHO_AM_I, *(TourStep(*each) for each in TOUR)] if settings.demo else [WHO_AM_I]
    register_face(app, health=health, people=people, tour=tour)
    register_pages(app, Site(settings.origin, settings.demo))
    register_document(app, EXAMPLES)
    find_by_words(app)
    return app
