import csv
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.domain.remittance import IUF_MAX, Confidence, Kind, Rule, read_remittance
from tests.standards import SHARED_DATA, need

VECTORS = SHARED_DATA / "reconciliation" / "causale_vectors.csv"

dates = st.dates().map(lambda day: day.isoformat())
psp_codes = st.text(string.ascii_letters + string.digits, min_size=3, max_size=11).filter(
    lambda code: any(c.isdigit() for c in code)
)
numbers = st.text(string.digits, min_size=1, max_size=12)
iufs = st.builds(lambda day, psp, number: f"{day}{psp}-{number}", dates, psp_codes, numbers).filter(
    lambda iuf: len(iuf) <= IUF_MAX
)
OFFICIAL = (
    "/PUR/LGPE-RIVERSAMENTO/URI/{}",
    "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{}",
    "/PUR/LGPE-RIVERSAMENTO/TXT/9/URI/{}",
    "/PUR/LGPE-RIVERSAMENTO Cumulativo pagamenti del 20211022/URI/{}",
    "/PUR/LGPE-RIVERSAMENTO Integrativo3 pagamenti del 20211022/URI/{}",
)
MANGLED = (
    "/PUR/LGPE- RIVERSAMENTO/URI/{}",
    "/PUR/LGPE -RIVERSAMENTO/URI/{}",
    "/PUR/LGPE - RIVERSAMENTO/URI/{}",
    "/PUR/L GPE-RIVERSAMENTO/URI/{}",
    "PUR LGPE-RIVERSAMENTO URI {}",
    "RI1/PUR/LGPE-RIVERSAMENTO/URI/{} ACCREDITO BOLLETTINO P.A.",
    "123:RI1:/PUR/LGPE-RIVERSAMENTO/URI/{}",
    "URI NOT PROVIDED RIVERSAMENTO/URI/{}- Mooney S.p.A. DA UNCRITMM",
    "00,01EUR00/ZZ2SATISPAY EUROPE SA/ZZ3Ente/PUR/LGPE-RIVERSAMENTO/URI/{}/ZZ4/4184/ZZ4/ID1",
    "  /pur/lgpe-riversamento/txt/0/uri/{}\n",
)


def _vectors() -> list[dict[str, str]]:
    need(VECTORS)
    with VECTORS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_known_text_is_read_right():
    wrong = {}
    for row in _vectors():
        found = read_remittance(row["causale"])
        text = ("IUV:" if found.kind is Kind.SINGLE else "") + (found.reference or "")
        if text.upper() != row["expected"].upper():
            wrong[row["id"]] = (text, row["expected"])
    assert not wrong


@pytest.mark.parametrize("grammar", OFFICIAL)
@given(iuf=iufs)
def test_the_official_grammars_are_read_exactly(grammar, iuf):
    found = read_remittance(grammar.format(iuf))
    assert (found.kind, found.reference, found.confidence) == (Kind.FLOW, iuf, Confidence.EXACT)


@pytest.mark.parametrize("grammar", MANGLED)
@given(iuf=iufs)
def test_what_banks_do_to_the_text_does_not_hide_the_flow(grammar, iuf):
    assert read_remittance(grammar.format(iuf)).reference == iuf


@given(iuf=iufs, at=st.integers(1, 10))
def test_a_space_inside_the_date_is_healed(iuf, at):
    found = read_remittance(f"/PUR/LGPE-RIVERSAMENTO/URI/{iuf[:at]} {iuf[at:]}")
    assert (found.reference, found.confidence) == (iuf, Confidence.HEALED)


@given(iuf=iufs, keep=st.integers(0, 10))
def test_a_text_cut_within_the_date_names_no_flow(iuf, keep):
    found = read_remittance(f"/PUR/LGPE-RIVERSAMENTO/URI/{iuf[:keep]}")
    assert found.reference is None


@given(iuf=iufs, cut=st.integers(1, 12))
def test_an_identifier_broken_by_a_space_is_never_read_short(iuf, cut):
    """What follows the space may belong to the identifier: half of it could name another flow."""
    day, number = iuf[:10], iuf.rpartition("-")[2]
    if cut >= len(number):
        return
    found = read_remittance(f"/PUR/LGPE-RIVERSAMENTO/URI/{iuf[:-cut]} {iuf[-cut:]}")
    assert found.reference is None
    assert found.rule is Rule.URI_CUT
    assert found.prefix.startswith(day)


@given(st.text(max_size=200))
def test_no_text_is_an_error_and_no_reference_is_out_of_shape(text):
    found = read_remittance(text)
    if found.reference is not None:
        assert found.reference.isascii()
        assert len(found.reference) <= IUF_MAX
        assert set(found.reference) <= set(string.ascii_letters + string.digits + "-_")


@given(st.text(alphabet=string.ascii_uppercase + string.digits + " ./-", max_size=140))
def test_texts_without_the_tag_are_not_ours(text):
    if "RIVERSAMENTO" in text or "/RF" in text:
        return
    assert read_remittance(text).kind is Kind.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "/PUR/LGPE-RIVERSAMENTO/URI/2025-13-03BPPIITRRXXX-254873173",
        "/PUR/LGPE-RIVERSAMENTO/URI/2025-01-03 ACCREDITO BOLLETTINO P.A.",
        "/PUR/LGPE-RIVERSAMENTO/URI/2025-01-03BPPIITRRXXX-",
        "/PUR/LGPE-RIVERSAMENTO/URI/2025-01-03" + "A1" * 20,
        "/PUR/LGPE-RIVERSAMENTO/URI/",
        "RIVERSAMENTO/URI/٢٠٢٥-٠١-٠٣BPPI-1",
    ],
)
def test_a_doubtful_text_gives_no_reference(text):
    assert read_remittance(text).reference is None


@pytest.mark.parametrize(
    ("name", "legible"),
    [
        ("2015-07-15PSPCODE1-10.20.30.001", "2015-07-15PSPCODE1-10"),
        ("2015-07-15PSPCODE1-10:20:30:001", "2015-07-15PSPCODE1-10"),
        ("2015-07-15PSPCODE1-10?20?30?001", "2015-07-15PSPCODE1-10"),
        ("2015-07-15PSPCODE1-10 20 30 001", "2015-07-15PSPCODE1-10"),
        ("2015-07-15PSPCODE1.0000000001", "2015-07-15PSPCODE1"),
        ("2015-07-15PSPCODE1/0000000001", "2015-07-15PSPCODE1"),
        ("2015-07-15PSPCODE1 - 0000000001", "2015-07-15PSPCODE1"),
        ("2015-07-15PSPCODE1- 0000000001", "2015-07-15PSPCODE1-"),
        ("2015-07-15PSPCODE1-A BCD0001", "2015-07-15PSPCODE1-A"),
        ("2015-07-15PSPCODE1-A BCD", "2015-07-15PSPCODE1-A"),
        ("2015-07-15PSPCODE1-A+BCD", "2015-07-15PSPCODE1-A"),
        ("2015-07-15PSPCODE1-12 345/ROC/1", "2015-07-15PSPCODE1-12"),
        ("2015-07-15PSPCODE1-12. 345", "2015-07-15PSPCODE1-12"),
        ("2015-07-15PSP CODE1-12", "2015-07-15PSP"),
    ],
)
@pytest.mark.parametrize("tag", ["/PUR/LGPE-RIVERSAMENTO/URI/", "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/"])
def test_an_identifier_that_a_bank_may_have_broken_is_never_read_short(tag, name, legible):
    found = read_remittance(tag + name)
    assert (found.kind, found.reference, found.prefix) == (Kind.PARTIAL, None, legible)


@given(iuf=iufs, at=st.integers(11, 34), sign=st.sampled_from(".:?,'+/() "))
def test_a_sign_put_for_another_never_leaves_half_an_identifier(iuf, at, sign):
    if at < len(iuf) - 1 and iuf[at - 1] != "-":
        assert read_remittance(f"/PUR/LGPE-RIVERSAMENTO/URI/{iuf[:at]}{sign}{iuf[at + 1 :]}").reference is None


@pytest.mark.parametrize(
    "after", ["", "/TXT/0", "/ROC/1", " /ROC/1", ". Poste Italiane", " (ordinante)", "/ZZ4/4184/ZZ4/ID1", "/"]
)
def test_what_does_not_go_on_with_the_identifier_does_not_hide_it(after):
    found = read_remittance(f"/PUR/LGPE-RIVERSAMENTO/URI/2015-07-15PSPCODE1-0000000001{after}")
    assert (found.reference, found.confidence) == ("2015-07-15PSPCODE1-0000000001", Confidence.EXACT)


@pytest.mark.parametrize("text", ["/RFB/010000000000042 85/48.00", "/RFS/RF38000000000 123456/100.01"])
def test_a_reference_broken_among_its_figures_is_of_no_notice(text):
    found = read_remittance(text)
    assert found.reference is None
    assert found.kind is (Kind.PARTIAL if "RFB" in text else Kind.OTHER)


@pytest.mark.parametrize(
    ("text", "reference", "rule"),
    [
        ("/RFB/01000000343296582/60.90/TXT/multa", "01000000343296582", Rule.SINGLE_IUV),
        ("/rfs/RF38000000000123456/100.01", "RF38000000000123456", Rule.SINGLE_RF),
        ("BONIFICO SEPA /RFB/01000000343296582", "01000000343296582", Rule.SINGLE_IUV),
    ],
)
def test_a_single_transfer_carries_the_reference_of_the_notice(text, reference, rule):
    found = read_remittance(text)
    assert (found.kind, found.reference, found.rule) == (Kind.SINGLE, reference, rule)


def test_a_single_reference_of_the_wrong_length_is_not_taken():
    assert read_remittance("/RFB/0100000034/60.90").reference is None
