import pytest

from app.domain.exports import MEDIA_TYPES, MINUTES_FORMATS, ExportFormat
from app.exports.render import file_name, render, render_minutes

from .samples import EXPORTED, RECIPIENT, addendum, agenda, minutes

STARTS_WITH = {
    ExportFormat.PDF: b"%PDF-1.7",
    ExportFormat.DOCX: b"PK\x03\x04",
    ExportFormat.XLSX: b"PK\x03\x04",
    ExportFormat.ICS: b"BEGIN:VCALENDAR",
}


@pytest.mark.parametrize("export_format", ExportFormat)
def test_every_format_renders_and_reports_progress_to_the_end(export_format: ExportFormat) -> None:
    told: list[tuple[int, int]] = []

    made = render(export_format, agenda(4), RECIPIENT, EXPORTED, lambda done, total: told.append((done, total)))

    assert made.startswith(STARTS_WITH[export_format])
    assert told[-1] == (5, 5)
    assert told == sorted(told)
    assert {total for _, total in told} == {5}


@pytest.mark.parametrize("export_format", [ExportFormat.PDF, ExportFormat.DOCX, ExportFormat.XLSX])
def test_progress_is_told_for_each_case(export_format: ExportFormat) -> None:
    told: list[int] = []
    render(export_format, agenda(4), RECIPIENT, EXPORTED, lambda done, total: told.append(done))
    assert told == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("export_format", MINUTES_FORMATS)
def test_minutes_render_as_pdf_and_word(export_format: ExportFormat) -> None:
    told: list[int] = []
    made = render_minutes(export_format, minutes(2), RECIPIENT, EXPORTED, lambda done, total: told.append(done))
    assert made.startswith(STARTS_WITH[export_format])
    assert told == [1, 2, 3]


@pytest.mark.parametrize("export_format", [ExportFormat.XLSX, ExportFormat.ICS])
def test_minutes_refuse_a_format_they_do_not_have(export_format: ExportFormat) -> None:
    with pytest.raises(ValueError, match="PDF or DOCX"):
        render_minutes(export_format, minutes(1), RECIPIENT, EXPORTED)


@pytest.mark.parametrize("export_format", ExportFormat)
def test_every_format_has_a_media_type(export_format: ExportFormat) -> None:
    assert "/" in MEDIA_TYPES[export_format]


def test_a_file_name_tells_the_meeting_and_version_and_nobodys_name() -> None:
    assert file_name(agenda(2), ExportFormat.PDF) == "marac-agenda-2026-11-26-v1.pdf"
    assert file_name(agenda(2, addenda=(addendum(3),)), ExportFormat.XLSX) == "marac-agenda-2026-11-26-v2.xlsx"
    assert file_name(minutes(), ExportFormat.DOCX) == "marac-minutes-2026-11-26-v1.docx"
    assert file_name(agenda(2), ExportFormat.ICS) == "marac-meeting-2026-11-26-v1.ics"


def test_a_file_name_has_no_sign_that_a_path_or_header_could_misread() -> None:
    assert file_name(agenda(0, forum_kind='../"x";\r\n'), ExportFormat.PDF) == "x-agenda-2026-11-26-v1.pdf"
