"""Clients: programs of partners that call in their own name, and the secrets and keys that they prove it with."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.paging import Cursor, Limit
from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.clients import ClientKept, ClientPage, SecretShown
from app.domain.clients import ChangedClient, NewClient, NewKey, NewSecret
from app.services import clients

router = APIRouter(prefix="/clients", tags=["Clients"])


@router.get("", responses=answers(200, ClientPage))
async def list_clients(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The clients that you keep, newest first: your agency's; every agency's for the partnership's administrator."""
    return await desk.show(clients.listed, after=cursor, limit=limit)


@router.post("", status_code=201, responses=answers(201, ClientKept, 409))
async def add_client(desk: AtDesk, client: NewClient) -> Response:
    """A client with a purpose and scopes, that acts as a system of its agency. Give it a secret or a key next."""
    return await desk.make(201, clients.add, client)


@router.get("/{client_id}", responses=answers(200, ClientKept, 404))
async def read_client(desk: AtDesk, client_id: UUID) -> Response:
    """A client, with every secret and key it ever had, and when each was last used."""
    return await desk.show(clients.read, client_id)


@router.put("/{client_id}", responses=answers(200, ClientKept, 404, 409, 412, 428))
async def change_client(desk: AtDesk, client_id: UUID, client: ChangedClient) -> Response:
    """Change its name, purpose and scopes. If it loses a scope, the tokens that it holds end at once."""
    return await desk.show(clients.change, client_id, desk.version("client"), client)


@router.post("/{client_id}/end", responses=answers(200, ClientKept, 404, 409))
async def end_client(desk: AtDesk, client_id: UUID) -> Response:
    """End a client for good: its secrets, its keys, and its tokens from their next request on."""
    return await desk.make(200, clients.end, client_id)


@router.post("/{client_id}/secrets", status_code=201, responses=answers(201, SecretShown, 404, 409))
async def add_secret(desk: AtDesk, client_id: UUID, secret: NewSecret) -> Response:
    """Draw a secret. It is in this answer and never shown again. A client has two at most: the one in use, and the one
    that takes its place."""
    return await desk.make(201, clients.add_secret, client_id, secret.last_day)


@router.post("/{client_id}/keys", status_code=201, responses=answers(201, ClientKept, 404, 409))
async def add_key(desk: AtDesk, client_id: UUID, key: NewKey) -> Response:
    """Register the public half of a key that the client signs assertions with (`private_key_jwt`): P-256, or RSA of
    2048 bits or more with `alg`. A client has two at most."""
    return await desk.make(201, clients.add_key, client_id, key.jwk, key.last_day)


@router.post("/{client_id}/credentials/{credential_id}/end", responses=answers(200, ClientKept, 404, 409))
async def end_credential(desk: AtDesk, client_id: UUID, credential_id: UUID) -> Response:
    """End a secret or a key, and every token that was given for it, from its next request on."""
    return await desk.make(200, clients.end_credential, client_id, credential_id)
