from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import pytest

from app.domain.agendas import Recipient
from app.domain.disclosures import Channel, Item, Nature
from app.domain.lawful_bases import Purpose
from app.domain.sharing_sheet import SharingSheet, SheetEntry
from app.exports.sharing_page import compose_sheet, sharing_page

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PARTNERS = (
    "Wessex Police",
    "Community Safety",
    "Harbour IDVA Service",
    "Solent Hospitals",
    "Mental Health Trust",
    "Children's Services",
    "City Housing",
    "Probation Service",
    "Recovery Service",
    "Aurora Advocacy",
)
PUBLIC_TASK = {
    "title": "Public task",
    "version": 1,
    "article_6": "UK GDPR Article 6(1)(e); Data Protection Act 2018 section 8",
    "article_9": "UK GDPR Article 9(2)(g); Data Protection Act 2018 Schedule 1 paragraph 18",
    "article_10": "UK GDPR Article 10; Data Protection Act 2018 section 10(5) and Schedule 1 paragraph 18",
    "power": "Crime and Disorder Act 1998 section 115",
}
LAW_ENFORCEMENT = {
    "title": "Law enforcement",
    "version": 2,
    "article_6": "Data Protection Act 2018 Part 3, section 35(2)(b)",
    "article_9": None,
    "article_10": None,
    "power": "Crime and Disorder Act 1998 section 115",
}


def entry(n: int = 0, **changes: Any) -> SheetEntry:
    sender = PARTNERS[n % len(PARTNERS)]
    given = {
        "id": str(n),
        "at": AT - timedelta(hours=7 * n),
        "case": {"reference": "C-2K7M9QXA"},
        "items": [Item.RESEARCH],
        "sender": {"agency": {"name": sender}, "person": {"name": "Jo Pritchard"}},
        "to": {"agencies": [{"name": each} for each in PARTNERS if each != sender], "people": [], "outside": None},
        "purpose": Purpose.ASSESS_RISK,
        "basis": LAW_ENFORCEMENT if n % len(PARTNERS) == 0 else PUBLIC_TASK,
        "nature": Nature.BOTH,
        "channel": Channel.ROUNDTABLE,
        "corrects": None,
        "corrected_by": None,
        "agreement": {"title": "Southmere information sharing agreement", "version": "2.1"},
    }
    return SheetEntry.model_validate({**given, **changes})


def to(*agencies: str, **more: Any) -> dict[str, Any]:
    return {"agencies": [{"name": each} for each in agencies], "people": [], "outside": None, **more}


def sheet(*entries: SheetEntry, **changes: Any) -> SharingSheet:
    given: dict[str, Any] = {
        "person": "Maya Thornbury",
        "person_reference": "P-7K2M9QX",
        "partnership": "Southmere",
        "marking": "OFFICIAL-SENSITIVE",
        "entries": entries,
        "more": False,
        "recipient": Recipient(name="Rosa Adeyemi", agency="Harbour IDVA Service"),
        "at": AT,
    }
    return SharingSheet(**{**given, **changes})


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


@pytest.fixture(scope="module")
def usual() -> bytes:
    """A case of the usual size: a referral, ten agencies' research twice, an agenda, minutes, and two calls."""
    calls = [
        entry(
            n,
            to=to(outside="Dr Lena Marsh, Invented Lane Surgery"),
            channel=Channel.PHONE,
            items=[Item.VIEWS],
            nature=Nature.FACT,
        )
        for n in (1, 2)
    ]
    heard = [
        entry(1, items=[each], channel=Channel.DOCUMENT, purpose=Purpose.PLAN) for each in (Item.MINUTES, Item.AGENDA)
    ]
    return sharing_page(sheet(*calls, *heard, *(entry(n) for n in range(14)), entry(0, items=[Item.REFERRAL])))


def test_a_usual_case_fits_one_page_of_a4_that_is_marked_and_says_whose_copy_it_is(usual: bytes) -> None:
    [page] = pages(usual)
    assert page.count("OFFICIAL-SENSITIVE") == 2
    assert "Copy for Rosa Adeyemi, Harbour IDVA Service" in page
    assert "Page 1 of 1" in page
    box = pypdf.PdfReader(BytesIO(usual)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


def test_the_file_is_accessible_with_a_title_and_tagged_headers(usual: bytes) -> None:
    with pikepdf.open(BytesIO(usual)) as pdf:
        root = pdf.Root
        assert "<pdfuaid:part>1</pdfuaid:part>" in bytes(root.Metadata.read_bytes()).decode()
        assert str(root.Lang) == "en-GB"
        assert str(pdf.docinfo["/Title"]) == "What has been shared about Maya Thornbury"


def test_each_basis_is_printed_once_in_the_words_it_had(usual: bytes) -> None:
    [page] = pages(usual)
    assert page.count("Public task (version 1)") == page.count("Law enforcement (version 2)") == 1
    assert "Public task (version 1): UK GDPR Article 6(1)(e)" in page


def test_a_long_list_of_agencies_that_comes_again_is_printed_once_under_a_name() -> None:
    composed = compose_sheet(sheet(entry(1), entry(2), entry(3, to=to("City Housing"))))
    told = [row["told"] for row in composed["rows"]]
    assert told == ["Group 1: the other 9", "Group 1: the other 9", "City Housing"]
    assert composed["groups"] == [{"mark": "Group 1", "text": ", ".join(sorted(PARTNERS))}]


def test_a_long_list_that_comes_once_is_printed_where_it_stands() -> None:
    composed = compose_sheet(sheet(entry(1)))
    assert composed["groups"] == []
    assert composed["rows"][0]["told"].startswith("Wessex Police, Harbour IDVA Service, Solent Hospitals")


def test_who_was_told_is_named_agency_people_and_outsider() -> None:
    told = to("City Housing", people=[{"name": "Ola Reed"}], outside="The family court")
    [row] = compose_sheet(sheet(entry(1, to=told)))["rows"]
    assert row["told"] == "City Housing (Ola Reed), The family court (outside the partnership)"


def test_an_entry_that_was_put_right_says_so_and_so_does_the_one_that_did_it() -> None:
    rows = compose_sheet(sheet(entry(1, corrects="2"), entry(2, corrected_by="1"), entry(3)))["rows"]
    assert [row["note"] for row in rows] == ["puts an earlier entry right", "put right by a later entry", ""]


def test_entries_stand_in_the_order_in_which_people_were_told_the_newest_first() -> None:
    rows = compose_sheet(sheet(entry(3), entry(1), entry(2)))["rows"]
    assert [row["sender"].split("\n")[0] for row in rows] == [PARTNERS[n] for n in (1, 2, 3)]


def test_a_case_is_named_on_each_line_only_where_there_are_several() -> None:
    one, other = entry(1), entry(2, case={"reference": "C-9ZZ8YY77"})
    assert [row["why"] for row in compose_sheet(sheet(one))["rows"]] == ["See how great the risk is"]
    assert compose_sheet(sheet(one, other))["rows"][1]["why"] == "See how great the risk is (C-9ZZ8YY77)"


def test_nothing_shared_is_said_in_words() -> None:
    [page] = pages(sharing_page(sheet()))
    assert "Nothing has been shared in the cases that you can see." in page


def test_without_a_name_the_person_is_their_reference() -> None:
    assert compose_sheet(sheet(person=None))["title"] == "What has been shared about P-7K2M9QX"


def test_more_than_is_printed_is_said() -> None:
    assert "Older entries are left out" in compose_sheet(sheet(entry(), more=True))["summary"]


@pytest.mark.parametrize("name", ["Зоя 'A' <b>", "李小龍", "#evil[]$x$ \\", "שרה", "a\u0000b\ud800"])
def test_any_name_can_be_printed(name: str) -> None:
    assert pages(sharing_page(sheet(entry(1, to=to(outside=name)), person=name)))


def test_a_hundred_entries_print_on_several_pages_with_the_headers_on_each() -> None:
    found = pages(sharing_page(sheet(*(entry(n) for n in range(100)))))
    assert len(found) > 2
    assert all("Who told" in page for page in found[:-1])
