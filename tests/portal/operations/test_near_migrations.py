"""What migrations render again after a change: everything that must, and nothing else."""

from typing import Any

import pytest
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from portal.operations.near_migrations import near_reloads

APP = "registry_of_nothing"


def _model(name: str, bases: tuple[Any, ...] = (models.Model,), **fields: models.Field[Any, Any]) -> ModelState:
    key = {} if bases != (models.Model,) else {"id": models.BigAutoField(primary_key=True)}
    return ModelState(APP, name, [*key.items(), *fields.items()], bases=bases)


def _to(name: str, **how: Any) -> Any:
    return models.ForeignKey(f"{APP}.{name}", models.CASCADE, **how)


def _state() -> ProjectState:
    """A body that everything points to; a case, its papers, those who read them; a house apart."""
    state = ProjectState()
    for each in (
        _model("Body"),
        _model("House", body=_to("Body")),
        _model("Case", body=_to("Body"), before=_to("Case", null=True)),
        _model("Permit", (f"{APP}.case",), case_ptr=models.OneToOneField(
            f"{APP}.Case", models.CASCADE, parent_link=True, primary_key=True)),
        _model("Reading", reader=_to("Reader"), paper=_to("Paper")),
        _model("Paper", case=_to("Case")),
        _model("Reader", papers=models.ManyToManyField(f"{APP}.Paper", through=f"{APP}.Reading")),
    ):  # fmt: skip
        state.add_model(each)
    assert state.apps
    return state


def _described(state: ProjectState) -> dict[str, Any]:
    """Every model with its fields and what they lead to, which must be the models of this very state."""
    found = {}
    for model in state.apps.get_models(include_auto_created=True):
        relations = {}
        for field in model._meta.get_fields(include_hidden=True):
            other = field.related_model
            if other is not None:
                assert state.apps.get_model(other._meta.label) is other, (
                    f"{model.__name__}.{field.name} leads elsewhere"
                )
            relations[field.name] = other and other.__name__
        found[model.__name__] = relations
    return found


def _changed(state: ProjectState) -> None:
    state.add_field(APP, "case", "closed", models.DateField(null=True), preserve_default=True)
    state.add_field(APP, "paper", "house", _to("House", null=True), preserve_default=True)
    state.alter_field(APP, "house", "body", _to("Body", null=True), preserve_default=True)
    state.remove_field(APP, "paper", "house")
    state.add_constraint(APP, "house", models.UniqueConstraint(fields=["body"], name="one_house"))
    state.rename_field(APP, "case", "before", "earlier")
    state.add_model(_model("Stamp", paper=_to("Paper")))
    state.rename_model(APP, "Paper", "Sheet")
    state.remove_model(APP, "stamp")


def test_the_models_are_those_of_a_state_rendered_anew() -> None:
    with near_reloads():
        state = _state()
        _changed(state)
        near = _described(state)
        state.clear_delayed_apps_cache()
        assert near == _described(state)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("house", {"House"}),
        ("case", {"Case", "Permit", "Paper", "Reading", "Reader"}),
        ("reading", {"Reading", "Reader"}),
        ("body", {"Body", "House", "Case", "Permit", "Paper", "Reading", "Reader"}),
    ],
)
def test_only_the_changed_model_and_its_holders_are_made_again(changed: str, expected: set[str]) -> None:
    with near_reloads():
        state = _state()
        before = {model.__name__: model for model in state.apps.get_models()}
        state.add_field(APP, changed, "note", models.TextField(default=""), preserve_default=True)
    again = {model.__name__ for model in state.apps.get_models() if before[model.__name__] is not model}
    assert again == expected
