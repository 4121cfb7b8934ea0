"""The questions about risk on the pages of a referral: asked, answered, taken over, and what the answers come to."""

import re

from fastapi import FastAPI

from app.db.session import Database
from tests.tabs import Tab, problems, sign_in, words
from tests.web.referring import DASH, VICTIM, Form, start, to
from tests.world import World


async def test_each_answer_counts_and_an_open_question_is_never_a_no(form: Form) -> None:
    answered = {f"q{n}": "yes" for n in range(1, 10)} | {f"q{n}": "no" for n in range(10, 23)}
    on = to(await form.save("questions", **answered, q23="dont_know", n18="Hands, twice.", more="score"))
    assert on == f"{form.path}/questions"
    page = await form.open("questions")
    assert "Score 9 of 27. 5 not answered: could reach 14." in words(page)
    assert "Hands, twice." in page


async def test_a_critical_marker_says_what_to_do_tonight_whatever_the_score(form: Form) -> None:
    await form.save("questions", q18="yes", more="score")
    page = await form.open("questions")
    panel = re.search(r'<div class="rt-critical rt-critical--on" data-label="Strangulation">(.*?)</div>', page, re.S)
    assert panel
    assert "Ask for a medical check tonight" in panel[1]
    assert page.count("rt-critical--on") == 1


async def test_an_answer_leads_to_the_screen_that_it_prompts_which_adds_no_points(
    form: Form, app: FastAPI, world: World
) -> None:
    screen = to(await form.save("questions", q8="yes", q18="no"))
    assert screen == f"{form.path}/screens/stalking-11"
    assert to(await form.save("screens/stalking-11", q1="yes", q2="no")) == f"{form.path}/judgement"
    kept = await form.kept(app, world)
    assert kept["screens"][0]["answers"]["1"]["value"] == "yes"
    assert "Score 1 of 27" in words(await form.open("questions"))
    assert (await form.tab.get(f"{form.path}/screens/dash-27")).status_code == 404


async def test_questions_fit_the_age(form: Form) -> None:
    await form.save("victim", known_as="Zed", estimated_age="15")
    assert "Young people" in words(await form.open("questions"))
    await form.save("victim", known_as="Zed", estimated_age="16")
    await form.save("questions", q1="yes")
    assert "Young people" in words(await form.open("questions/choose"))
    to(await form.again("questions/choose", instrument="young-people"))
    assert "Score 0 of 24" in words(await form.open("questions")), "answers to other questions do not fit these"


async def test_when_the_questions_were_asked_is_now_unless_somebody_says_otherwise(
    form: Form, app: FastAPI, world: World
) -> None:
    await form.save("you", name="Imran Shah", role="Police constable")
    page = await form.open("questions")
    assert "Asked on Saturday 21 November 2026 at 03:10" in words(page)
    asked = {"asked_on-day": "20", "asked_on-month": "11", "asked_on-year": "2026", "asked_at": "2305"}
    await form.again("questions", q1="yes", **asked, place="At home")
    assessment = (await form.kept(app, world))["assessment"]
    assert (assessment["assessed_at"], assessment["assessed_by"]) == ("2026-11-20T23:05:00Z", "Imran Shah")
    wrong = await form.save("questions", q1="no", **{**asked, "asked_at": "25:00"})
    assert "such as 14:05" in problems(wrong)
    assert re.search(r'id="q1-no" name="q1" type="radio" value="no" checked', wrong.text)


async def test_answers_that_another_agency_was_given_are_taken_over_and_not_asked_again(
    tab: Tab, world: World, database: Database
) -> None:
    await world.refer(yes=16)
    nurse = world["health_rep"]
    await sign_in(tab, database, nurse)
    form = await start(tab)
    match = to(await form.save("victim", **VICTIM))
    page = (await tab.get(match)).text
    reference = re.search(r'value="(P-[0-9A-Z]{7})"', page)
    assert reference
    assert "same name, same date of birth" in words(page).lower()
    assert to(await tab.post(match, person_reference=reference[1])) == f"{form.path}/contact"
    page = await form.open("questions")
    assert "Already asked on Saturday 21 November 2026 at 02:40 by Imran Shah, Wessex Police." in words(page)
    assessment = re.search(r'name="assessment" value="([^"]+)"', page)
    assert assessment
    await tab.post(f"{form.path}/questions/adopt", assessment=assessment[1])
    page = await form.open("questions")
    assert "Score 16 of 27" in words(page)
    answers = {f"q{n}": "yes" if n <= 16 or n == 18 else "no" for n in DASH}
    await form.again("questions", **answers)
    kept = (await nurse.get(f"/referrals/{form.path.split('/')[2]}")).json()["form"]["assessment"]
    assert list(kept["answers"]) == ["18"], "only what has changed is kept beside them"
    assert kept["adopted_from"] == assessment[1]
    assert "Score 17 of 27" in words(await form.open("questions"))
    assert "17 of 27" in words(await form.open("check"))


async def test_somebody_elses_answers_are_not_taken_over(form: Form, world: World) -> None:
    sent = await world.refer(victim="Orla Penhale")
    listed = (await world["officer"].get(f"/cases/{sent['case']['id']}/assessments")).json()["items"]
    await form.save("victim", **VICTIM)
    answer = await form.tab.post(f"{form.path}/questions/adopt", assessment=listed[0]["id"])
    assert answer.status_code == 422
    assert "Score 0 of 27" in words(await form.open("questions"))
