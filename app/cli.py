"""The command line: ``roundtable --help``."""

import json
from importlib import import_module
from textwrap import wrap
from threading import Thread
from typing import Annotated, NoReturn

import typer

from app.commands.generated import GeneratedFile
from app.commands.trail import trail
from app.domain.agencies import AgencyKind
from app.domain.erasure import ErasureReason
from app.problem import Problem
from app.settings import Settings, load, new_contact_key, variables
from app.terminal import orderly_end, say, say_step

_HELP = """Multi-agency case coordination for MARAC, MASH and HRDA.

To look at it: 'roundtable up' starts everything on this machine, with invented people, and says where to go.

To run it for real: make a PostgreSQL database and put its address in DATABASE_URL; run 'roundtable keys' and
keep what it prints; then 'roundtable migrate', 'roundtable doctor' and 'roundtable serve'.

Settings are environment variables. docs/settings.md says what each is for:
"""

app = typer.Typer(
    help=_HELP + "\n".join(wrap(", ".join(variables()), 100)),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(trail, name="audit")


def _fail(sentence: object) -> NoReturn:
    typer.echo(str(sentence), err=True)
    raise SystemExit(1)


@app.command()
def up() -> None:
    """Start everything here, with a demonstration.

    Starts a PostgreSQL of its own (or uses DATABASE_URL), brings its schema up to date, adds a small invented
    partnership the first time, says where to go and whom to sign in as, and serves until Ctrl-C. The data stay in
    .data for the next time.
    """
    with orderly_end():
        from app.deployment import keep_address, listen_alone, opened, owner_of, upgrade_schema

        settings = load().model_copy(update={"demo": True})
        bound = listen_alone(settings)
        # PostgreSQL takes about as long to start as Python to read the program: let each do so meanwhile. Nobody else
        # may import until that is done, since two at once can find a package half made.
        reading = Thread(target=import_module, args=("app.up",), daemon=True)
        reading.start()
        say_step("using the database in DATABASE_URL" if settings.database_url else "starting the database")
        with bound, opened(settings, say_step, join=False) as found:
            reading.join()
            say_step("bringing its schema up to date")
            upgrade_schema(*owner_of(found))
            from app.commands.seed import seed
            from app.up import serve

            seed(found, say_step)
            keep_address(found)
            serve(found, bound, lambda: _say_ready(found))
    say("Stopped.")


@app.command("serve")
def serve_for_real() -> None:
    """Serve from the database in DATABASE_URL.

    Serves until Ctrl-C or a stop signal, and changes nothing before: the schema must be up to date ('roundtable
    migrate'), keys and the https address set, and nobody invented among the people. Says all that is missing at once.
    Any number of these may run behind a balancer.
    """
    with orderly_end():
        from app.deployment import is_up_to_date, listen
        from app.production import refusals
        from app.up import serve

        settings = load()
        if found := refusals(settings):
            raise Problem("\n".join(found))
        with listen(settings.host, settings.port) as bound:
            if not is_up_to_date(str(settings.database_url)):
                raise Problem("The database's schema is older than this version: run 'roundtable migrate'.")
            serve(settings, bound, lambda: say_step(f"serving on {_address(settings)}"))


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date.

    Safe to repeat, and while others serve. Signs in with DATABASE_OWNER_URL if that is set.
    """
    from app.deployment import known_revisions, opened, owner_of, upgrade_schema

    with opened(load(), typer.echo) as settings:
        upgrade_schema(*owner_of(settings))
    typer.echo(f"The schema is up to date ({known_revisions()[-1]}).")


@app.command("seed")
def seed_demonstration(
    year: Annotated[
        bool, typer.Option("--year", help="A whole year of a busy city instead: 4,037 assessments, some minutes.")
    ] = False,
) -> None:
    """Add the demonstration: an invented partnership with a story of some sixty cases.

    'roundtable up' does this by itself. Safe to repeat: what is there stays as it is.
    """
    with orderly_end():
        from app.commands.seed import seed
        from app.deployment import opened, owner_of, upgrade_schema

        with opened(load(), say_step) as settings:
            upgrade_schema(*owner_of(settings))
            if not seed(settings, say_step, year=year):
                say("It is all there already.")


@app.command("token")
def print_token(
    email: Annotated[str, typer.Option("--as", metavar="EMAIL", help="Whom to sign in as: their e-mail.")],
) -> None:
    """Print a token that lets you act as somebody for an hour.

    For trying the API by hand. It needs the signing key, so it works only where the service could run. It is good at
    the address that 'roundtable up' last served from the same folder, or at ROUNDTABLE_ORIGIN.
    """
    from app.commands.token import MINUTES, token
    from app.deployment import address_of, opened

    with opened(load()) as settings:
        address = address_of(settings)
        typer.echo(token(settings, email, address))
        typer.echo(f"Good for {MINUTES} minutes, at {address} and nowhere else.", err=True)


@app.command("administrator")
def make_administrator(
    email: Annotated[str, typer.Argument(help="Their e-mail, by which they are known.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    agency: Annotated[str, typer.Option(help="The agency that they work for. Made if there is none of that name.")],
    kind: Annotated[AgencyKind, typer.Option(help="What a new agency is.")] = AgencyKind.LOCAL_AUTHORITY,
    partnership: Annotated[str | None, typer.Option(help="The partnership's name. Founded if there is none.")] = None,
    another: Annotated[bool, typer.Option("--another", help="Found it beside those that there are.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Although somebody administers it: with --because.")] = False,
    because: Annotated[str | None, typer.Option(help="Why again. It goes into the trail.")] = None,
) -> None:
    """Make the first administrator, and print the link by which they choose how to sign in.

    On a fresh database it founds the partnership. It refuses where an administrator can sign in. Whoever can run this
    can already do anything to the database; what it does is in the trail.
    """
    from app.commands.administrator import administrator
    from app.deployment import opened

    if again != (because is not None):
        raise Problem("Give --again and --because 'the reason' together, or neither.")
    with opened(load()) as settings:
        administrator(
            settings,
            typer.echo,
            email=email,
            name=name,
            agency=agency,
            kind=kind,
            partnership=partnership,
            another=another,
            because=because,
        )


@app.command("lock-out")
def lock_out_agency(
    agency: Annotated[str, typer.Argument(help="The agency's name, or its short name.")],
    because: Annotated[str | None, typer.Option(help="Why. Administrators read it.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let it in again.")] = False,
    partnership: Annotated[
        str | None, typer.Option(help="The partnership, by its short name, if several have such an agency.")
    ] = None,
) -> None:
    """Lock an agency out, at once: in an emergency, such as a stolen laptop. Asks nothing.

    Ends everything that its people and systems are signed in by; once this says so, nothing of theirs is still in hand.
    """
    from app.commands.lock_out import lift as lift_lock_out
    from app.commands.lock_out import lock_out
    from app.deployment import opened

    with opened(load()) as settings:
        if lift:
            lift_lock_out(settings, agency, partnership, typer.echo)
        else:
            lock_out(settings, agency, because or "", partnership, typer.echo)


@app.command()
def doctor() -> None:
    """Check this deployment and say what is wrong.

    Each fault comes with the step that mends it. Exit code 1 if there is any.
    """
    from app.doctor import examine, report

    if not report(examine(), typer.echo):
        raise SystemExit(1)


key_ring = typer.Typer(invoke_without_command=True)
app.add_typer(key_ring, name="keys")


@key_ring.callback()
def keys(context: typer.Context) -> None:
    """Print new keys, ready to be set; or 'keys rotate'.

    They are secrets: whoever has them can sign in as anyone, read every safe address, and seal another trail.
    """
    if context.invoked_subcommand is not None:
        return
    from app.api.tokens import generate_pem
    from app.db.signet import new_seal_key

    typer.echo(f"ROUNDTABLE_TOKEN_KEYS='{json.dumps({'1': generate_pem()})}'")
    typer.echo(f"ROUNDTABLE_CONTACT_KEYS='{json.dumps({'1': new_contact_key()})}'")
    typer.echo(f"ROUNDTABLE_INDEX_KEYS='{json.dumps({'1': new_contact_key()})}'")
    typer.echo(f"ROUNDTABLE_SEAL_KEYS='{json.dumps({'1': new_seal_key()})}'")


@key_ring.command("rotate")
def keys_rotate() -> None:
    """Seal every contact detail anew, so that an old key can be destroyed.

    Before: add the new key to ROUNDTABLE_CONTACT_KEYS as the last of them and restart every service, so that all of
    them can open what it seals; then put it first and restart them again. This seals anew what older keys sealed, while
    the service goes on, and says which keys are no longer used. The same goes for ROUNDTABLE_INDEX_KEYS. Stopped, it
    goes on where it was. Signs in as the database's owner (DATABASE_OWNER_URL). Exit code 1 while an old key is needed.
    """
    with orderly_end():
        from app.commands.keys import rotate
        from app.db.vault import Vault
        from app.deployment import opened, owner_of

        with opened(load(), say_step) as settings:
            if not settings.contact_keys or not settings.index_keys:
                raise Problem("Set ROUNDTABLE_CONTACT_KEYS and ROUNDTABLE_INDEX_KEYS, the new key of each first.")
            done = rotate(*owner_of(settings), Vault(settings.contact_keys, settings.index_keys), say_step)
    if not done:
        raise SystemExit(1)


@app.command("erase")
def erase_person(
    reference: Annotated[str | None, typer.Argument(help="The person's reference, such as P-7K2M9QX.")] = None,
    because: Annotated[ErasureReason | None, typer.Option(help="Why they are erased. It goes into the trail.")] = None,
    partnership: Annotated[
        str | None, typer.Option(help="The partnership, by its short name, if several know it.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Instead of a person: cases past their period whose erasure was approved.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase one person, or with --due what was approved of cases past their period, for good.

    Blanks what every case says of them, deletes where they can be found, and replaces free text in those cases whole,
    since nobody can tell whom each word is about. Codes, dates and figures stay, and so does the trail, which still
    holds. Others in the same cases keep what is theirs. Signs in as the database's owner (DATABASE_OWNER_URL).

    Of a case that is erased everybody in it goes, and what other cases say of them stays.
    """
    from datetime import UTC, datetime

    from app.commands.erase import erase, erase_due
    from app.db.vault import Vault
    from app.deployment import opened, owner_of

    with orderly_end(), opened(load(), say_step) as settings:
        if not settings.contact_keys or not settings.index_keys:
            raise Problem("Set ROUNDTABLE_CONTACT_KEYS and ROUNDTABLE_INDEX_KEYS: sealed text is looked through too.")
        url, variable = owner_of(settings)
        vault, now = Vault(settings.contact_keys, settings.index_keys), datetime.now(UTC)
        agree = (lambda _: True) if yes else typer.confirm
        if due and reference is None and because is None:
            done = bool(erase_due(url, variable, vault, now, typer.echo, agree, partnership=partnership))
        elif reference is not None and because is not None and not due:
            done = erase(url, variable, vault, reference, because, now, typer.echo, agree, partnership=partnership)
        else:
            raise Problem("Give a person's reference and --because, or --due alone.")
    if not done:
        say("Nothing was erased.")


@app.command("test", context_settings={"ignore_unknown_options": True})
def run_tests(
    pytest_arguments: Annotated[
        list[str] | None, typer.Argument(help="Passed to pytest, which then runs alone.")
    ] = None,
) -> None:
    """Run every check and every test, as the build does.

    Starts a PostgreSQL of its own; PG_BIN chooses another's programs. Given arguments, runs only pytest on them.
    """
    from app.suite import run

    raise SystemExit(run(pytest_arguments or (), lambda text: typer.echo(text)))


def _generated(file: GeneratedFile, *, write: bool, check: bool) -> None:
    """Print, write or check a file that the program writes."""
    if write:
        file.write(typer.echo)
    if check and not file.check(typer.echo):
        raise SystemExit(1)
    if not write and not check:
        typer.echo(file.text(), nl=False)


Write = Annotated[bool, typer.Option("--write", help="Write the file that is checked in.")]
Check = Annotated[bool, typer.Option("--check", help="Compare it with the program; exit code 1 if they differ.")]


@app.command()
def openapi(write: Write = False, check: Check = False) -> None:
    """Print, write or check the API's document, openapi/openapi.json."""
    from app.commands import openapi as command

    _generated(command.FILE, write=write, check=check)


@app.command()
def access(write: Write = False, check: Check = False) -> None:
    """Print, write or check the matrix of who may do what, docs/access-matrix.txt."""
    from app.commands import access as command

    _generated(command.FILE, write=write, check=check)


@app.command("settings")
def list_settings(write: Write = False, check: Check = False) -> None:
    """Print, write or check the list of what can be set, docs/settings.md."""
    from app.commands import settings as command

    _generated(command.FILE, write=write, check=check)


def _address(settings: Settings) -> str:
    if settings.origin:
        return f"{settings.origin}/"
    # By its name, since passkeys are bound to a name and not to a number.
    host = "localhost" if settings.host in ("127.0.0.1", "::1") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _say_ready(settings: Settings) -> None:
    say_step(f"ready: {_address(settings)}")
    say("Stop with Ctrl-C.")


def main() -> None:
    """Entry point. What can be foreseen to go wrong is one sentence and exit code 1, never a trace."""
    try:
        app(prog_name="roundtable")
    except Problem as problem:
        _fail(problem)
    except KeyboardInterrupt:
        _fail("Stopped.")


if __name__ == "__main__":
    main()
