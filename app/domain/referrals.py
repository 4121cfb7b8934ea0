"""The referral form: the one shape that REST, pages and seeds fill in.

A draft may leave anything out; what it does hold has the right type. ``app.domain.completeness`` says what
is still missing before it can be submitted.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.domain.contacts import Contacts, in_words_only
from app.domain.disclosures import Item, Sharing
from app.domain.exclusions import AccessForm
from app.domain.fields import Day, Email, Flag, Form, Known, Long, Moment, Phone, Short
from app.domain.people import PersonTold
from app.risk.grading import AbuseEvent, GradingFacts, Level, ProfessionalJudgement, Screen
from app.risk.instruments import Catalogue
from app.risk.scoring import VICTIM, Answer, AnswerValue

_QUESTION = re.compile("[1-9][0-9]{0,2}")
_PERSON = re.compile("P-[0-9A-Z]{7}")


def _reference(value: str) -> str:
    value = value.strip().upper()
    if not _PERSON.fullmatch(value):
        raise PydanticCustomError("bad_reference", "Write the reference like P-7K2M9QX, or leave it out.")
    return value


def _number(value: Any) -> Any:
    # "01", "1.0" and " 1" would all be question 1, and one answer would silently replace another.
    if isinstance(value, bool) or not _QUESTION.fullmatch(str(value)):
        raise PydanticCustomError("bad_question", "Write the question's number in digits, such as 18.")
    return int(value)


def _unique_keys(parties: Sequence["Party"]) -> Sequence["Party"]:
    keys = [party.key for party in parties]
    if len(set(keys)) != len(keys):
        raise PydanticCustomError("duplicate_key", "Two of these have the same key. Give each its own.")
    return parties


PersonReference = Annotated[str, AfterValidator(_reference)]
QuestionNumber = Annotated[int, BeforeValidator(_number)]
PartyKey = Annotated[str, Field(pattern=r"^(victim|(perpetrator|child|other)-[1-9][0-9]{0,2})$")]


def _key_may_be_left_out(schema: dict[str, Any]) -> None:
    schema["required"] = [name for name in schema.get("required", []) if name != "key"]
    if not schema["required"]:
        del schema["required"]


class Party(PersonTold):
    """A person on the form. ``person_reference`` links to an earlier record; ``key`` names the party within
    this form and is assigned when missing ("perpetrator-1")."""

    model_config = ConfigDict(json_schema_extra=_key_may_be_left_out)

    key: PartyKey
    person_reference: PersonReference | None = None


class Victim(Party):
    key: Literal["victim"] = "victim"


class Perpetrator(Party):
    """relationship: to the victim, such as "former partner". lives_with_victim: at the moment."""

    key: Annotated[str, Field(pattern=r"^perpetrator-[1-9][0-9]{0,2}$")]
    relationship: Short = None
    lives_with_victim: Known | None = None


class Relationship(Form):
    """to: the key of a party on this form. relationship: what the child is to that person: "daughter"."""

    to: PartyKey
    relationship: Short = None


class Child(Party):
    """lives_with: keys of parties on this form."""

    key: Annotated[str, Field(pattern=r"^child-[1-9][0-9]{0,2}$")]
    relationships: Annotated[tuple[Relationship, ...], Field(max_length=50)] = ()
    lives_with: Annotated[tuple[PartyKey, ...], Field(max_length=50)] = ()


class Other(Party):
    """Anyone else in the household or who matters. relationship: to the victim."""

    key: Annotated[str, Field(pattern=r"^other-[1-9][0-9]{0,2}$")]
    relationship: Short = None
    in_household: Flag | None = None


class Referrer(Form):
    """The professional who refers, at work. date_of_birth: only to tell two people of one name apart."""

    name: Short = None
    role: Short = None
    phone: Phone | None = None
    email: Email | None = None
    date_of_birth: Day | None = None


class Judgement(Form):
    """Professional judgement. The rationale is needed before it counts."""

    level: Level = Level.HIGH
    rationale: Long = None


class Incident(Form):
    """What led to this referral. would_be_crime: in the referrer's view, charged or not."""

    occurred_on: Day | None = None
    narrative: Long = None
    would_be_crime: Flag | None = None
    reported_to_police: Flag | None = None


class PastEvent(Form):
    """Another instance of abuse in the last 12 months, reported to anyone or to no one."""

    occurred_on: Day | None = None
    kind: Short = None
    would_be_crime: Flag | None = None
    reported_to_police: Flag | None = None


class EarlierMarac(Form):
    """last_referral_on: the day of that referral, if known. same_perpetrator None: nobody said."""

    known: Known | None = None
    last_referral_on: Day | None = None
    same_perpetrator: Flag | None = None
    area: Short = None


class VictimView(Form):
    """What the victim knows of this referral and wants. Consent is recorded; it is not the basis."""

    aware: Known | None = None
    why_not_told: Long = None
    consents: Known | None = None
    views: Long = None
    afraid_of: Long = None
    not_safe_to_speak_to: Long = None


_KNOWS = {
    Known.YES: "The victim knows of it.",
    Known.NO: "The victim has not been told.",
    Known.DONT_KNOW: "It is not known whether the victim knows of it.",
}
_THINKS = {Known.YES: "They agree with it.", Known.NO: "They do not agree with it."}


class AnswerForm(Form):
    """source: "victim", or in words whoever else said so."""

    value: AnswerValue
    note: Long = None
    source: Short = VICTIM


class AssessmentForm(Form):
    """Answers to one instrument, by question number. adopted_from: the assessment that these were taken
    from instead of asking again."""

    instrument: Short = None
    version: Short = None
    answers: Annotated[dict[QuestionNumber, AnswerForm], Field(max_length=200)] = Field(default_factory=dict)
    assessed_at: Moment | None = None
    assessed_by: Short = None
    place: Short = None
    source: Short = None
    adopted_from: UUID | None = None

    def risk_answers(self) -> dict[int, Answer]:
        """By the question's number. What nobody is named for, the victim said."""
        return {
            number: Answer(value=answer.value, note=answer.note, source=answer.source or VICTIM)
            for number, answer in self.answers.items()
        }


class ReferralForm(Form):
    """Everything that a referral tells. ``assessment`` grades; ``screens`` add markers (stalking...)."""

    referrer: Referrer | None = None
    victim: Victim | None = None
    perpetrators: Annotated[tuple[Perpetrator, ...], Field(max_length=20), AfterValidator(_unique_keys)] = ()
    children: Annotated[tuple[Child, ...], Field(max_length=30), AfterValidator(_unique_keys)] = ()
    others: Annotated[tuple[Other, ...], Field(max_length=30), AfterValidator(_unique_keys)] = ()
    professional_judgement: Judgement | None = None
    incident: Incident | None = None
    events: Annotated[tuple[PastEvent, ...], Field(max_length=200)] = ()
    earlier_marac: EarlierMarac | None = None
    victim_view: VictimView | None = None
    sharing: Sharing | None = None
    assessment: AssessmentForm | None = None
    screens: Annotated[tuple[AssessmentForm, ...], Field(max_length=5)] = ()
    access: AccessForm | None = None
    note: Long = None

    @model_validator(mode="before")
    @classmethod
    def _assign_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for field, role in (("perpetrators", "perpetrator"), ("children", "child"), ("others", "other")):
            if isinstance(data.get(field), list | tuple):
                data[field] = _with_keys(data[field], role)
        return data

    @property
    def parties(self) -> tuple[Party, ...]:
        """Everyone on the form, the victim first."""
        first = () if self.victim is None else (self.victim,)
        return (*first, *self.perpetrators, *self.children, *self.others)

    @property
    def told(self) -> tuple[Item, ...]:
        """What this referral tells those who receive it, by kind. Not where anybody can be found."""
        view = self.victim_view
        held = {
            Item.REFERRAL: True,
            Item.IDENTITIES: True,
            Item.INCIDENT: True,
            Item.HISTORY: bool(self.events or self.earlier_marac),
            Item.RISK_ASSESSMENT: bool(self.assessment or self.professional_judgement),
            Item.CHILDREN: bool(self.children),
            Item.VIEWS: view is not None and bool(view.views or view.consents),
        }
        return tuple(item for item, there in held.items() if there)

    @property
    def awareness(self) -> str | None:
        """What the victim knows of this and thinks of it: as the sharing says, or in short what the form does."""
        view = self.victim_view
        if (self.sharing and self.sharing.awareness) or view is None or view.aware is None:
            return self.sharing.awareness if self.sharing else None
        thinks = _THINKS.get(view.consents) if view.consents else None
        return " ".join(each for each in (_KNOWS[view.aware], thinks) if each)


def _with_keys(rows: Sequence[Any], role: str) -> list[Any]:
    given = [row.get("key") if isinstance(row, dict) else getattr(row, "key", None) for row in rows]
    taken = {key for key in given if isinstance(key, str)}
    free = (key for key in (f"{role}-{n}" for n in range(1, len(rows) * 2 + 1)) if key not in taken)
    return [{**row, "key": next(free)} if isinstance(row, dict) and row.get("key") is None else row for row in rows]


_PARTY_LISTS = ("perpetrators", "children", "others")


def split_contacts(form: ReferralForm) -> tuple[ReferralForm, Contacts]:
    """The form without any address, phone, email or school of a party, and those by party key.

    The referrer's work phone and email stay: they lead to no one at risk. ``join_contacts`` undoes this.
    """
    contacts = Contacts(parties={p.key: p.contact for p in form.parties if p.contact is not None})
    return _map_parties(form, lambda party: party.model_copy(update={"contact": None})), contacts


def join_contacts(form: ReferralForm, contacts: Contacts) -> ReferralForm:
    """The form with those contacts put back. Raises ValueError for a key that the form does not have."""
    unknown = contacts.parties.keys() - {party.key for party in form.parties}
    if unknown:
        raise ValueError(f"the form has no party {min(unknown)}")
    return _map_parties(
        form, lambda party: party.model_copy(update={"contact": contacts.parties.get(party.key, party.contact)})
    )


def told_in_words(form: ReferralForm) -> ReferralForm:
    """The form as it is read once it is sent: how each of its people is contacted safely, ``in_words_only``; and not
    whose answers it took over, since that may be in a case that its reader does not see."""
    asked = form.assessment and form.assessment.model_copy(update={"adopted_from": None})
    return _map_parties(
        form.model_copy(update={"assessment": asked}),
        lambda party: party.model_copy(
            update={"safe_contact": in_words_only(party.safe_contact) if party.safe_contact else None}
        ),
    )


def _map_parties(form: ReferralForm, change: Any) -> ReferralForm:
    changes: dict[str, Any] = {name: tuple(map(change, getattr(form, name))) for name in _PARTY_LISTS}
    changes["victim"] = None if form.victim is None else change(form.victim)
    return form.model_copy(update=changes)


def grading_facts(form: ReferralForm, catalogue: Catalogue, last_referral_on: date | None) -> GradingFacts:
    """What to grade. ``last_referral_on``: the last referral of the same parties in our own records; a later
    one that the referrer tells of counts too, unless it was about someone else.

    The form must be complete. Raises UnknownInstrumentError or ValueError if it names what does not exist.
    """
    told = form.earlier_marac
    if told and told.last_referral_on and told.same_perpetrator is not False:
        last_referral_on = max(last_referral_on or told.last_referral_on, told.last_referral_on)
    judged = form.professional_judgement
    asked = form.assessment
    return GradingFacts(
        instrument=catalogue.get(asked.instrument, asked.version) if asked and asked.instrument else None,
        answers=asked.risk_answers() if asked and asked.instrument else {},
        screens=tuple(
            Screen(catalogue.get(each.instrument, each.version), each.risk_answers())
            for each in form.screens
            if each.instrument
        ),
        judgement=ProfessionalJudgement(judged.rationale, judged.level) if judged and judged.rationale else None,
        events=_events(form),
        last_referral_on=last_referral_on,
    )


def _events(form: ReferralForm) -> tuple[AbuseEvent, ...]:
    told = [AbuseEvent(each.occurred_on, each.would_be_crime) for each in form.events if each.occurred_on]
    incident = form.incident
    if incident is None or incident.occurred_on is None:
        return tuple(told)
    # The incident is often listed among the events as well: then it is one event, with the graver view of it.
    listed = next((each for each in told if each.on == incident.occurred_on), None)
    views = {incident.would_be_crime}
    if listed is not None:
        told.remove(listed)
        views.add(listed.would_be_crime)
    told.append(AbuseEvent(incident.occurred_on, True if True in views else None if None in views else False))
    return tuple(told)
