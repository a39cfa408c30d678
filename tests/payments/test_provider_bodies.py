"""What we write to PagoPA's archives is what their published descriptions ask for."""

import copy
import json
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker

from payments.providers import aca, gpd_v1, gpd_v3
from payments.providers.data import NotExpressible, StampData, end_of_day, start_of_day
from tests.payments import provider_positions as some
from tests.standards import STANDARDS, need

V1 = STANDARDS / "pagopa" / "openapi" / "gpd.json"
V3 = STANDARDS / "pagopa" / "sanp312-xsd" / "gpd_v3.json"
ACA = STANDARDS / "pagopa" / "openapi" / "paCreatePosition.json"
FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def _instant(value: Any) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def closed(schema: Any) -> Any:
    """The same schema where a property nobody described is an error: a misspelt name must not pass."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        found["additionalProperties"] = False
        for name, value in schema["properties"].items():
            if value.get("readOnly"):
                found["properties"].pop(name)
    return found


@lru_cache
def rules(path: Path, name: str, kind: Any) -> Any:
    document = json.loads(need(path).read_text(encoding="utf-8"))
    schemas = closed(copy.deepcopy(document["components"]["schemas"]))
    return kind({"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}, format_checker=FORMATS)


def problems(path: Path, name: str, body: Any) -> list[str]:
    kind = Draft202012Validator if path == V3 else Draft4Validator
    return [
        f"{list(error.path)}: {error.message}"
        for error in rules(path, name, kind).iter_errors(json.loads(json.dumps(body)))
    ]


@settings(max_examples=300, deadline=None)
@given(some.positions(alike=True))
def test_v1_bodies_follow_the_published_description(position):
    assert problems(V1, "PaymentPositionModel", gpd_v1.body(position)) == []


@settings(max_examples=300, deadline=None)
@given(some.positions())
def test_v3_bodies_follow_the_published_description(position):
    assert problems(V3, "PaymentPositionModelV3", gpd_v3.body(position)) == []


@settings(max_examples=200, deadline=None)
@given(some.positions(stamps=False))
def test_bodies_of_the_archive_of_notices_follow_the_published_description(position):
    for body in aca.bodies_of(position) + aca.withdrawals(position):
        assert problems(ACA, "NewDebtPositionRequest", body) == []


def test_the_rules_notice_a_misspelt_name():
    body = gpd_v3.body(POSITION)
    body["paymentOption"][0]["switchToExpire"] = True
    assert problems(V3, "PaymentPositionModelV3", body) != []


@settings(max_examples=100, deadline=None)
@given(some.positions())
def test_every_cent_and_every_number_arrives(position):
    body = gpd_v3.body(position)
    parts = [part for option in body["paymentOption"] for part in option["installments"]]
    assert [part["nav"] for part in parts] == [part.nav for part in position.instalments]
    assert all(type(part["amount"]) is int for part in parts)
    assert all(part["amount"] == sum(row["amount"] for row in part["transfer"]) for part in parts)


POSITION = some.PLAIN


def test_a_stamp_has_no_account_and_keeps_the_position_out_of_stand_in():
    part = POSITION.instalments[0]
    stamp = replace(part.transfers[0], iban="", postal_iban="", stamp=StampData(some.HASH, "PI"))
    position = _with(replace(part, transfers=(stamp,)))
    for body in (gpd_v1.body(position), gpd_v3.body(position)):
        assert body["payStandIn"] is False
    row = gpd_v3.body(position)["paymentOption"][0]["installments"][0]["transfer"][0]
    assert row["stamp"] == {"hashDocument": some.HASH, "stampType": "01", "provincialResidence": "PI"}
    assert "iban" not in row
    assert "postalIban" not in row
    with pytest.raises(NotExpressible) as refused:
        aca.bodies_of(position)
    assert refused.value.code == "aca_stamp"


def test_a_stamp_with_an_account_is_refused():
    part = POSITION.instalments[0]
    both = replace(part.transfers[0], stamp=StampData(some.HASH, "PI"))
    with pytest.raises(NotExpressible):
        gpd_v3.body(_with(replace(part, transfers=(both,))))


def test_options_that_expire_differently_need_v3():
    option = POSITION.options[0]
    position = replace(POSITION, options=(option, replace(option, switch_to_expired=True)))
    with pytest.raises(NotExpressible) as refused:
        gpd_v1.body(position)
    assert refused.value.code == "gpd_v1_options"
    assert [row["switchToExpired"] for row in gpd_v3.body(position)["paymentOption"]] == [False, True]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"transfers": ()}, "transfers"),
        ({"transfers": POSITION.instalments[0].transfers * 6}, "transfers"),
        ({"cents": 4799}, "transfers_sum"),
        ({"metadata": tuple((str(n), "x") for n in range(11))}, "metadata"),
    ],
)
def test_what_no_provider_would_take_is_said_before_it_leaves(change, code):
    with pytest.raises(NotExpressible) as refused:
        gpd_v3.body(_with(replace(POSITION.instalments[0], **change)))
    assert refused.value.code == code


def test_a_position_without_options_is_refused():
    with pytest.raises(NotExpressible):
        gpd_v1.body(replace(POSITION, options=()))


def test_empty_fields_and_odd_addresses_are_left_out():
    debtor = replace(POSITION.debtor, country="Italia", email="senza-chiocciola", city="")
    body = gpd_v1.body(replace(POSITION, debtor=debtor, office=""))
    assert not {"country", "email", "city", "officeName", "validityDate"} & body.keys()


@pytest.mark.parametrize("day", [date(2026, 1, 15), date(2026, 7, 15), date(2026, 3, 29), date(2026, 10, 25)])
def test_days_of_rome_in_the_platforms_time(day):
    assert end_of_day(day)[:10] == day.isoformat()
    assert end_of_day(date(2026, 7, 15)) == "2026-07-15T21:59:59.000Z"
    assert start_of_day(date(2026, 1, 15)) == "2026-01-14T23:00:00.000Z"


def _with(part):
    return replace(POSITION, options=(replace(POSITION.options[0], instalments=(part,)),))
