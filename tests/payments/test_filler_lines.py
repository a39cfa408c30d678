"""The filler's own lines, letter by letter, beside those of WeasyPrint."""

from functools import cache
from html import escape

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from weasyprint import CSS

from payments.notices import pdf
from payments.notices.filler.compile import Faces, chosen_faces, font_files, paragraph_of, same_slots, shown_texts
from payments.notices.filler.faces import simple
from payments.notices.filler.lines import Pattern
from payments.notices.filler.sheets import Tools, blocks, laid_out, objects_of
from payments.notices.filler.skeleton import Sketch
from payments.notices.filler.trace import FIRST_MARK, Unshapeable

FACES = ("400 9.5pt 'Titillium Web'", "600 12.5pt 'Titillium Web'", "700 9pt 'Titillium Web'", "700 11pt 'Roboto Mono'")
SIDES = ("left", "right", "center")
# Every face prints a letter, so that each is known even if all paragraphs are refused.
KNOWN = "".join(f'<p style="font:{face}">x</p>' for face in FACES)
MARK = chr(FIRST_MARK)
# A page is laid out for each example: no minutes are spent in making a failure smaller.
SOON = (Phase.explicit, Phase.reuse, Phase.generate)
LETTERS = "abcdefghilmnopqrstuvzABCDEFGHILMNOPQRSTUVWXYZàèéìòùÀÈçñößšłŽ0123456789"
SIGNS = "'’-/.,;:()«»“”–€%&+*!?…°ª"
words = st.text(st.sampled_from(LETTERS + SIGNS), min_size=1, max_size=14)
texts = st.lists(words, min_size=1, max_size=14).map(" ".join)
paragraphs = st.tuples(texts, st.integers(25, 130), st.sampled_from(FACES), st.sampled_from(SIDES))


@cache
def tools() -> Tools:
    press = pdf.press()
    return Tools(press.fetcher, press.style, press.fonts, pdf.VARIANT)


def compared(examples: list[tuple[str, int, str, str]]) -> int:
    """Lay the paragraphs out both ways. Raises Unshapeable for a difference; how many were set by the filler."""
    body = [f'<p style="{style(width, face, side)}">{escape(text)}</p>' for text, width, face, side in examples]
    return laid_both_ways(body, [[text] for text, *_ in examples], [(MARK,)] * len(examples))


def laid_both_ways(body: list[str], values: list[list[str]], runs: list[tuple[str, ...]]) -> int:
    tree = tools().parsed(f"<html lang=it><title>x</title><body>{KNOWN}{''.join(body)}")
    document = laid_out(tree, [tools().style, CSS(string="@page{size:300mm 20000mm;margin:10mm}")], tools().fonts)
    made, pages = objects_of(document, tools().variant)
    shown = [shown_texts(page.stream) for page in pages]
    found = blocks(document)
    chosen = chosen_faces(found, shown, font_files(made), Faces())
    done = 0
    for block, texts, marked in zip(found[len(FACES) :], values, runs, strict=True):
        styles = {letters.box.element_tag: letters.style for line in block.lines for letters in line}
        sketches = [
            Sketch(Pattern.of(run), styles["span" if place == 1 else "p"], upper=False)
            for place, run in enumerate(marked)
        ]
        paragraph = paragraph_of(block, (tuple(sketches),), chosen)
        try:
            lines = paragraph.lines(texts)
        except Unshapeable:
            continue
        same_slots(0, lines, block, shown)
        done += 1
    return done


def style(width: int, face: str, side: str) -> str:
    return f"font:{face};width:{width}mm;text-align:{side};margin-bottom:2mm"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=SOON)
@given(st.lists(paragraphs, min_size=4, max_size=12))
def test_the_same_letters_stand_in_the_same_places(examples):
    compared(examples)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=SOON)
@given(st.lists(st.tuples(paragraphs, texts, texts), min_size=3, max_size=8))
def test_the_same_for_paragraphs_of_more_than_one_face(examples):
    body = [
        f'<p style="{style(width, face, side)}">{escape(a)} <span class=strong>{escape(b)}</span> {escape(c)}</p>'
        for (a, width, face, side), b, c in examples
    ]
    values = [[a, b, c] for (a, *_), b, c in examples]
    laid_both_ways(body, values, [(f"{MARK} ", chr(FIRST_MARK + 1), f" {chr(FIRST_MARK + 2)}")] * len(examples))


def test_names_and_addresses_are_set_and_not_refused():
    texts = [
        "Società Agricola Semplice F.lli D’Angiò di Tèrèsa & C. – in liquidazione coatta amministrativa",
        "Via Tevere-Arno 12/B, 56125 Pisa (PI) · c/o Avv. Wanda Yvonne Tavani, piano 3°",
        "Verbale n. 12345/2026 del 12/11/2026, targa AV123TY, art. 142 c. 8 C.d.S. (velocità: 67,5 km/h)",
        "AUTORIZZAZIONE AL TRANSITO DI VEICOLI ECCEZIONALI L.R. 1/2004 TOSCANA, LAZIO E UMBRIA",
        "www.esempio.it/paga?ente=1&lingua=it oppure ufficio.tributi@b.it",
    ]
    examples = [(text, width, face, side) for text in texts for width in (60, 92) for face in FACES for side in SIDES]
    assert compared(examples) == len(examples)


@pytest.mark.parametrize("text", ["aaa bbb-ccc/ddd eee", "1.020,99 - 2/3", "a - b – c — d", "(a) [b] {c} «d» “e”"])
def test_a_line_may_end_only_where_pango_lets_it(text):
    assert compared([(f"{text} " * 5 + "x", width, FACES[0], "left") for width in range(15, 80)]) > 50


@pytest.mark.parametrize("letter", "aZàŁß0.€’« \N{NO-BREAK SPACE}")
def test_letters_of_latin_scripts_are_simple(letter):
    assert simple(letter)


@pytest.mark.parametrize(
    "letter", "אаω中\N{COMBINING ACUTE ACCENT}\N{SOFT HYPHEN}\N{RIGHT-TO-LEFT MARK}\N{ZERO WIDTH JOINER}\n\t"
)
def test_other_letters_are_not(letter):
    assert not simple(letter)
