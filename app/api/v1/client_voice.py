"""The victim's own words."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.client_voice import WordsWritten
from app.domain.client_voice import VoiceForm
from app.services import client_voice

router = APIRouter(prefix="/cases/{case_id}/client-voice", tags=["IDVA support"])


@router.put("", responses=answers(200, WordsWritten, 404, 409, 412, 428))
async def write_client_voice(desk: AtDesk, case_id: UUID, told: VoiceForm) -> Response:
    """Write a new version of what she said and wants, for her next meeting. Earlier versions stay.

    Needs `If-Match` with the newest version's number, or "0".
    """
    return await desk.show(client_voice.write, case_id, told, desk.version("client's words"))
