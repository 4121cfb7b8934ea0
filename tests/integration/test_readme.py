"""What the README tells people to type is what works."""

import re
from pathlib import Path

from app.commands import settings
from app.domain.access import Role
from app.seeds.people import USERS, email_of
from tests.world import World

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_person_the_tour_signs_in_as_is_in_the_demonstration() -> None:
    named = re.findall(r"--as ([\w.@-]+)", README)
    assert named
    assert set(named) <= {email_of(key) for key in USERS}


def test_the_administrator_of_the_tour_is_in_the_demonstration() -> None:
    (name,) = re.findall(r"(\w+ \w+), who administers the partnership", README)
    assert Role.PARTNERSHIP_ADMINISTRATOR in next(user.roles for user in USERS.values() if user.name == name)


def test_the_list_of_settings_is_what_the_program_reads() -> None:
    said: list[str] = []
    assert settings.FILE.check(said.append), "\n".join(said)


async def test_every_address_of_the_tour_answers(world: World) -> None:
    paths = re.findall(r"localhost:8000/api/v1(/[^\s\"]*)", README)
    assert len(paths) >= 3
    for path in paths:
        answer = await world["coordinator"].get(path)
        assert answer.status_code == 200, path


def test_every_file_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (Path(__file__).parents[2] / link).exists()] == []
