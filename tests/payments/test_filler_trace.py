"""What the filler learns from a template: which texts it prints, and on which conditions."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.template import Context, Engine

from payments.notices import pdf
from payments.notices.filler.sheets import Tools
from payments.notices.filler.skeleton import skeleton_of
from payments.notices.filler.trace import FIRST_MARK, Trace, Unshapeable, resolved

ENGINE = Engine(string_if_invalid="")


@dataclass(frozen=True)
class Line:
    label: str
    cents: int
    due_on: date | None = None

    @property
    def due(self) -> str:
        return f"{self.due_on:%d/%m/%Y}" if self.due_on else ""


LINE = Line("Rata", 1000, date(2026, 12, 31))
CONTEXT = {"line": LINE, "lines": [LINE, Line("Altra", 5)], "say": {"hello": "Ciao"}, "many": False}


def skeleton(template: str, constant: frozenset[str] = frozenset({"say"}), context: dict[str, object] = CONTEXT):
    press = pdf.press()
    compiled = ENGINE.from_string(f"<html lang=it><title>x</title><body>{template}")
    tools = Tools(press.fetcher, press.style, press.fonts, pdf.VARIANT)
    return skeleton_of(lambda seen: compiled.render(Context(seen)), context, constant, tools)


def test_a_text_becomes_a_mark_and_is_read_back_from_another_notice():
    found = skeleton("<p>{{ line.label }}: {{ line.due }}</p><p>{{ say.hello }}</p>")
    assert found.plain == [f"{chr(FIRST_MARK)}:{chr(FIRST_MARK + 1)}", "Ciao"]
    assert found.changing == [0]
    other = CONTEXT | {"line": Line("Ultima", 3, date(2027, 1, 1))}
    assert found.values(other) == ["Ultima", "01/01/2027"]


def test_what_the_template_looks_at_is_a_condition():
    found = skeleton("<p>{{ line.label }}{% if line.due %} entro {{ line.due }}{% endif %}</p>")
    assert found.values(CONTEXT) is not None
    assert found.values(CONTEXT | {"line": Line("Rata", 1000)}) is None


def test_how_many_things_a_loop_has_is_a_condition():
    found = skeleton("{% for line in lines %}<p>{{ line.label }}</p>{% endfor %}")
    assert found.values(CONTEXT) == ["Rata", "Altra"]
    assert found.values(CONTEXT | {"lines": [LINE]}) is None


@pytest.mark.parametrize(
    "template",
    [
        "{% if line.label == 'Rata' %}<p>una {{ line.due }}</p>{% endif %}",
        '<p class="{{ line.label }}">{{ line.due }}</p>',
    ],
    ids=["compared", "in a class"],
)
def test_a_text_that_decides_how_the_page_is_counts_as_it_is(template):
    found = skeleton(template)
    assert found.values(CONTEXT) == ["31/12/2026"]
    assert found.values(CONTEXT | {"line": replace(LINE, label="Altra")}) is None


def test_a_number_printed_as_it_is_counts_as_it_is():
    found = skeleton("<p>{{ line.cents }}</p>")
    assert found.plain == ["1.000"]
    assert found.values(CONTEXT | {"line": replace(LINE, cents=1001)}) is None


def test_a_number_only_looked_at_may_change():
    found = skeleton("{% if line.cents %}<p>{{ line.label }}</p>{% endif %}")
    assert found.values(CONTEXT | {"line": replace(LINE, cents=7)}) == ["Rata"]
    assert found.values(CONTEXT | {"line": replace(LINE, cents=0)}) is None


def test_captions_of_another_language_are_another_page():
    found = skeleton("<p>{{ say.hello }} {{ line.label }}</p>")
    assert found.values(CONTEXT | {"say": {"hello": "Salut"}}) is None


def test_the_title_the_headings_and_the_texts_of_figures_are_found():
    found = skeleton('<h1>A {{ line.label }}</h1><img src="{{ line.due }}" alt="B {{ line.label }}">')
    assert [(edit.name, edit.value[0]) for edit in found.edits] == [("data-bookmark", "A"), ("src", "d"), ("alt", "B")]
    assert list(found.images.values()) == [1]


def test_only_what_was_marked_is_read():
    trace = Trace(frozenset())
    assert str(trace.wrap(("line",), LINE).label) == chr(FIRST_MARK)
    assert trace.texts == [("line", "label")]
    assert resolved({"line": LINE}, ("line", "label")) == "Rata"


def test_a_page_of_too_many_texts_is_refused():
    trace = Trace(frozenset())
    with pytest.raises(Unshapeable):
        trace.wrap(("all",), [f"testo {number}" for number in range(7000)])
