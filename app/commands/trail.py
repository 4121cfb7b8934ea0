"""``roundtable audit``: what its commands are called and take."""

from pathlib import Path
from typing import Annotated

import typer

from app.problem import Problem
from app.settings import load

trail = typer.Typer(help="Check the audit trail, or ask it about a case.", no_args_is_help=True)


@trail.command("verify")
def audit_verify(
    partnership: Annotated[str | None, typer.Option(help="Only this partnership, by its short name.")] = None,
    head: Annotated[
        list[Path] | None, typer.Option(help="A file with heads that were kept elsewhere. May be given again.")
    ] = None,
    public_key: Annotated[
        list[str] | None, typer.Option(help="A key that seals may be signed with, as a head shows it.")
    ] = None,
) -> None:
    """Find any entry that was changed, removed, moved, put in or cut off.

    Recomputes every chain of the trail and every seal, as the database's owner (DATABASE_OWNER_URL), and names the
    first broken link of each chain. Seals must be signed with ROUNDTABLE_SEAL_KEYS or --public-key. With a head that
    an agency kept, it also finds a trail that was written again as a whole. Exit code 1 if anything is broken.
    """
    from app.commands.verify import heads_in, key_in, verify
    from app.db.signet import public_keys_of
    from app.deployment import opened, owner_of

    kept = [each for path in head or () for each in heads_in(path)]
    given = [key_in(each) for each in public_key or ()]
    with opened(load(), typer.echo) as settings:
        try:
            known = (*public_keys_of(settings.seal_keys), *given)
        except ValueError as error:
            raise Problem(f"ROUNDTABLE_SEAL_KEYS cannot be used. {error}") from None
        holds = verify(*owner_of(settings), partnership, typer.echo, public_keys=known, heads=kept)
    if not holds:
        raise SystemExit(1)


@trail.command("head")
def audit_head(
    partnership: Annotated[str | None, typer.Option(help="Only this partnership, by its short name.")] = None,
) -> None:
    """Seal the trail as it stands, and print its head.

    Hand it to every agency, to keep where the operator of this service cannot reach: it names nobody, and a trail that
    was written again cannot match it. It can be printed, mailed or filed; 'audit verify --head FILE' reads it back.
    """
    from app.commands.audit import hand_out
    from app.deployment import opened

    with opened(load()) as settings:
        hand_out(settings, partnership, typer.echo)


@trail.command("explain")
def audit_explain(reference: Annotated[str, typer.Argument(help="The case's reference, such as C-7KQ2MNPX.")]) -> None:
    """Say who could see a case and why, and who looked.

    Signs in as the database's owner (DATABASE_OWNER_URL). Names staff, and nobody in the case.
    """
    from app.commands.audit import explain
    from app.deployment import opened, owner_of

    with opened(load(), typer.echo) as settings:
        explain(*owner_of(settings), reference, typer.echo)
