"""What stands where: the table of modules, and the sheets of each layout."""

from dataclasses import replace

import pytest

from payments.notices.captions import captions, wording
from payments.notices.content import NoticeContent, fitting, sentence_case
from payments.notices.errors import NoticeError
from payments.notices.geometry import BOTTOM, CODE_SIDE, GAP, MARGIN, PAGE_WIDTH, QUIET_ZONE, STEP, Box
from payments.notices.layouts import layout_of
from payments.notices.modules import ONE, TWO, style_sheet
from payments.notices.sheets import notice_context
from tests.payments.notice_samples import EVERY, FINE, ITALIAN, SINGLE, USUAL, cases, plan

TABLES = [(name, module) for table in (ONE, TWO) for name, module in table.items()]
modules = pytest.mark.parametrize(("name", "module"), TABLES, ids=[name for name, _ in TABLES])


@modules
def test_the_boxes_of_a_module_stand_inside_it_and_apart(name, module):
    boxes = list(module.boxes.items())
    for _, box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= module.w + 0.01
        assert box.bottom <= module.h + 0.01
    pairs = [(a, b) for i, (a, x) in enumerate(boxes) for b, y in boxes[i + 1 :] if x.overlaps(y)]
    assert pairs == []


@modules
def test_a_code_is_25_millimetres_with_its_quiet_zone_free(name, module):
    for code, box in module.codes.items():
        assert (box.w, box.h) == (CODE_SIDE, CODE_SIDE)
        zone = box.grown(QUIET_ZONE - 0.001)
        assert [other for other, place in module.boxes.items() if other != code and zone.overlaps(place)] == []
        # Above is the rule of the module; to the sides and below is the gap to the next one.
        assert zone.y > 0
        assert zone.x > -GAP / 2
        assert zone.right < module.w + GAP / 2
        assert zone.bottom < module.h + GAP


@cases(EVERY)
def test_modules_keep_the_margins_the_gaps_and_the_steps(content):
    layout = layout_of(content)
    for sheet in layout.sheets:
        areas = []
        for part in sheet:
            module = layout.modules[part.module]
            area = Box(part.x, part.y, module.w, module.h)
            assert area.x >= MARGIN
            assert area.right <= PAGE_WIDTH - MARGIN + 0.01
            assert area.y >= MARGIN
            assert area.bottom <= BOTTOM
            assert (part.y / STEP).is_integer()
            areas.append((part.module, area))
        for index, (name, area) in enumerate(areas):
            for other, place in areas[index + 1 :]:
                # The title of the payment data stands right over what it is the title of.
                gap = 0 if "data" in (name, other) else GAP
                assert not area.grown(gap / 2 - 0.2).overlaps(place.grown(gap / 2 - 0.2)), (name, other)


@cases(EVERY)
def test_every_number_is_on_one_sheet_with_its_postal_part_right_under_it(content):
    shown = []
    for sheet in layout_of(content).sheets:
        assert sheet[0].module == "header"
        by_slip = {}
        for part in sheet:
            if part.slip is not None:
                by_slip.setdefault(part.slip, []).append(part)
        for slip, parts in by_slip.items():
            shown.append(slip)
            postal = [part for part in parts if part.module.startswith("postal")]
            assert len(postal) == content.has_postal(content.slips[slip])
            assert all(part.x == parts[0].x and part.y > parts[0].y for part in postal)
    assert shown == list(range(len(content.slips)))


def shape(content: NoticeContent) -> list[list[str]]:
    """The modules of each sheet that show a number, without the postal parts."""
    sheets = layout_of(content).sheets
    return [[p.module for p in sheet if p.slip is not None and not p.module.startswith("postal")] for sheet in sheets]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("single", "rata-unica"),
        ("two", "rate-multiple-2"),
        ("two and single", "rate-multiple-2"),
        ("three", "rate-multiple-3"),
        ("four", "rate-multiple-2"),
        ("ten and single", "molte-rate"),
        ("fine", "violazioni-cds"),
        ("fine, postal", "violazioni-cds"),
    ],
)
def test_the_layout_follows_from_the_numbers(name, expected):
    content = ITALIAN[name]
    assert layout_of(content).name == f"3.5.1-{expected}"
    assert layout_of(replace(content, second_language="fr")).name == f"3.5.1-{expected}-fr"


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("single", [SINGLE, None])
@pytest.mark.parametrize("postal", [USUAL.postal, None])
def test_up_to_eight_instalments_stand_two_or_three_in_a_row_and_never_both(count, single, postal):
    content = replace(USUAL, single=single, instalments=plan(count), postal=postal)
    names = [name for sheet in shape(content) for name in sheet]
    if single:
        assert names.pop(0) == "single"
    assert len(names) == count
    assert len(set(names)) == 1
    if count % 3 == 0:
        assert set(names) == {"triple"}
    elif count % 2 == 0:
        assert set(names) == {"pair"}


@pytest.mark.parametrize("count", [9, 12, 36, 72])
def test_from_nine_up_instalments_are_compact_and_the_header_is_on_every_sheet(count):
    content = replace(USUAL, single=None, instalments=plan(count), postal=None)
    sheets = shape(content)
    assert {name for sheet in sheets for name in sheet} == {"many"}
    assert len(sheets[0]) == 6
    assert all(len(sheet) == 12 for sheet in sheets[1:-1])


@pytest.mark.parametrize(
    ("name", "sheets"),
    [("single", 1), ("two", 1), ("three", 1), ("three and single, no postal", 1), ("four", 2), ("fine", 1)],
)
def test_no_more_sheets_than_needed(name, sheets):
    assert len(layout_of(ITALIAN[name]).sheets) == sheets


def test_a_fine_with_postal_parts_has_a_sheet_for_each_amount_and_both_explain_the_choice():
    first, second = layout_of(ITALIAN["fine, postal"]).sheets
    for sheet, slip in ((first, 0), (second, 1)):
        assert [part.module for part in sheet] == ["header", "parties", "fine-pay", "fine-single", "postal-single"]
        assert {part.slip for part in sheet} == {None, slip}


def test_a_fine_in_two_languages_stays_on_one_sheet():
    assert len(layout_of(replace(ITALIAN["fine"], second_language="fr")).sheets) == 1


def test_a_fine_with_postal_parts_in_two_languages_explains_on_a_sheet_of_its_own():
    content = replace(ITALIAN["fine, postal"], second_language="fr")
    sheets = [[part.module for part in sheet] for sheet in layout_of(content).sheets]
    assert sheets == [["header", "parties", "fine-pay"], *[["header", "fine-single", "postal-single"]] * 2]


def test_every_place_has_its_rule():
    rules = style_sheet()
    for content in EVERY.values():
        for part in (part for sheet in layout_of(content).sheets for part in sheet):
            for name in part.place.split():
                assert f".{name}{{" in rules


@pytest.mark.parametrize(
    "numbers", [{"single": None}, {"fine": FINE}, {"single": None, "fine": FINE, "instalments": plan(2)}]
)
def test_a_notice_without_numbers_or_with_a_fine_and_something_else_is_refused(numbers):
    with pytest.raises(NoticeError):
        replace(USUAL, **numbers)


@pytest.mark.parametrize("language", ["xx", "../fr", "fr/../it", "FR", "francese"])
def test_an_unknown_language_is_refused_with_its_name(language):
    with pytest.raises(NoticeError, match="lingua"):
        notice_context(replace(USUAL, second_language=language))


def test_other_languages_load_as_files_of_the_same_shape(tmp_path, settings):
    settings.PAYMENTS_CAPTIONS_DIR = str(tmp_path)
    lines = [f"{key} = '''{text} (sl)'''" for key, text in captions("fr").items()]
    (tmp_path / "captions_sl.toml").write_text("[notice]\n" + "\n".join(lines), encoding="utf-8")
    try:
        assert wording("sl").say("title").second == "Avis de paiement (sl)"
    finally:
        captions.cache_clear()
        wording.cache_clear()


def test_a_file_with_captions_missing_says_which(tmp_path, settings):
    settings.PAYMENTS_CAPTIONS_DIR = str(tmp_path)
    (tmp_path / "captions_zz.toml").write_text('[notice]\ntitle = "x"\n', encoding="utf-8")
    with pytest.raises(NoticeError, match="around_text"):
        wording("zz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AUTORIZZAZIONE TRANSITO", "Autorizzazione transito"),
        ("  Spazi   doppi ", "Spazi doppi"),
        ("x" * 91, "x" * 89 + "…"),
    ],
)
def test_the_subject_is_in_sentence_case_and_fits(text, expected):
    assert sentence_case(text) == expected


@pytest.mark.parametrize(("text", "limit"), [("D’Àngelo", 8), ("Città di prova", 14), ("Città di prova", 9), ("", 5)])
def test_a_text_is_never_longer_than_its_field(text, limit):
    assert len(fitting(text, limit)) <= limit
    assert fitting(text, limit) == text or fitting(text, limit).endswith("…")
