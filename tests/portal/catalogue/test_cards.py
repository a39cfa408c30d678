import pytest

from portal.catalogue import cards, checks
from portal.catalogue.cards import Term, load_card
from tests.factories.platform import CARD


@pytest.fixture
def only_the_trial(monkeypatch):
    monkeypatch.setattr(cards, "_cards", {})
    cards.register(CARD)


def write(tmp_path, text):
    path = tmp_path / "service.toml"
    path.write_text(text, encoding="utf-8")
    return path


WHOLE = "\n".join(
    [f'{key} = "x"' for key in ("slug", "title", "category", "summary", "office_code")]
    + [f'{key} = ["x"]' for key in sorted(cards.TUPLES)]
    + ["[term]", "days = 15", 'source = "norma"']
)


def test_a_card_is_read_from_its_file(tmp_path):
    card = load_card(write(tmp_path, WHOLE))
    assert card.term == Term(days=15, source="norma")
    assert card.needed == ("x",)


@pytest.mark.parametrize("broken", [WHOLE.replace('slug = "x"', ""), 'colour = "x"\n' + WHOLE])
def test_a_card_with_a_missing_or_unknown_item_stops_the_start(tmp_path, broken):
    with pytest.raises(TypeError):
        load_card(write(tmp_path, broken))


def test_a_service_is_registered_once(only_the_trial):
    cards.register(CARD)  # the same card again is harmless
    with pytest.raises(ValueError, match="twice"):
        cards.register(load_other())


def load_other():
    values = {name: getattr(CARD, name) for name in CARD.__slots__}
    return cards.ServiceCard(**{**values, "title": "Un altro"})


@pytest.mark.parametrize(("text", "found"), [("", 1), ("PROVA servizio", 1), ("prove", 1), ("passo carrabile", 0)])
def test_a_service_is_found_by_all_its_words(only_the_trial, text, found):
    assert len(cards.find(text=text)) == found


def test_a_category_narrows_the_search(only_the_trial):
    assert cards.find(category="Mobilità e trasporti") == [CARD]
    assert cards.find(category="Ambiente") == []
    assert cards.categories() == ["Mobilità e trasporti"]


@pytest.mark.parametrize(("production", "complaints"), [(True, 1), (False, 0)])
def test_production_is_told_of_terms_nobody_confirmed(only_the_trial, settings, production, complaints):
    settings.PRODUCTION = production
    assert len(checks.terms_are_confirmed(None)) == complaints
