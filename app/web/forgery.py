"""Whether a form was sent from a page of ours: no other site may have a signed-in browser send one."""

from starlette.requests import Request

from app.domain.errors import Forbidden


class FromElsewhere(Forbidden):
    """The page that sent this was opened in another session, or was not ours at all."""

    code = "from_elsewhere"

    def __init__(self) -> None:
        super().__init__("This page was open too long or came from elsewhere. Nothing was changed.")


def check_origin(request: Request, ours: str) -> None:
    """Raise FromElsewhere when the browser says that another site had it send this.

    ours: scheme and host, such as ``https://roundtable.example``. Browsers leave out the one header over plain HTTP,
    and our referrer policy makes the other 'null'; so what they do not say is left to the form's token.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "null")
    if site not in ("same-origin", "none") or origin not in ("null", ours):
        raise FromElsewhere
