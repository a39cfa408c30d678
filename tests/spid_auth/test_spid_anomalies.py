"""Anomalies reported by the identity provider: our words, our request, nothing of the message."""

import pytest

from spid_auth.errors import PROBLEMS, problem
from spid_auth.saml.response import MAX_POSTED, Refused, decode, judge
from spid_auth.sandbox.responses import anomaly, sealed
from tests.spid_auth.factory import Exchange, Mutation, drop, idp_info, keys, put, unset, write

CODES = [8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 25, 30]
MESSAGE = "samlp:Status/samlp:StatusMessage"


def _code(number: int, *mutations: Mutation, signed: bool = False) -> str:
    exchange = Exchange()
    root = anomaly(exchange.answer, number)
    for mutate in mutations:
        mutate(root)
    xml = sealed(root, keys("idp"), response=signed)
    with pytest.raises(Refused) as caught:
        judge(xml, expected=exchange.expected, idp=idp_info())
    return caught.value.code


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("signed", [True, False])
def test_each_code_of_the_table_has_its_page(number: int, signed: bool) -> None:
    code = _code(number, signed=signed)

    assert code == f"nr{number:02d}"
    assert code in PROBLEMS


@pytest.mark.parametrize("number", [19, 20, 21, 22, 23, 25, 30])
def test_pages_about_the_person_differ_from_each_other(number: int) -> None:
    others = [shown.happened for code, shown in PROBLEMS.items() if code != f"nr{number}"]

    assert problem(f"nr{number}").happened not in others


def test_anomalies_of_our_request_are_said_to_be_ours() -> None:
    assert all(problem(f"nr{number:02d}").ours for number in CODES if number < 19)


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(drop(MESSAGE), id="senza StatusMessage"),
        pytest.param(write(MESSAGE, "<script>"), id="testo qualsiasi"),
        pytest.param(put("samlp:Status/samlp:StatusCode", "Value", "boh"), id="26 StatusCode sconosciuto"),
    ],
)
def test_an_anomaly_without_a_known_code_gets_a_page_all_the_same(mutate: Mutation) -> None:
    assert problem(_code(25, mutate)).status == 403


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(put("/samlp:Response", "InResponseTo", "_altra"), id="di un'altra richiesta"),
        pytest.param(unset("/samlp:Response", "InResponseTo"), id="di nessuna richiesta"),
        pytest.param(put("/samlp:Response", "Destination", "https://altro.example/"), id="per un altro sito"),
        pytest.param(write("saml:Issuer", "https://altro.example/"), id="di un altro gestore"),
    ],
)
def test_an_anomaly_that_is_not_about_our_request_is_not_believed(mutate: Mutation) -> None:
    assert _code(25, mutate) == "response"


def test_every_problem_says_what_happened_and_what_to_do() -> None:
    for code, shown in PROBLEMS.items():
        assert str(shown.title), code
        assert str(shown.happened), code
        assert str(shown.to_do), code
        assert 400 <= shown.status < 500 or (code, shown.status) == ("provider-down", 503), code


def test_a_posted_message_is_decoded_with_line_breaks_or_without() -> None:
    assert decode("PHIv\r\nPg==") == b"<r/>"


@pytest.mark.parametrize(
    ("posted", "code"),
    [("è", "not-base64"), ("PHI", "not-base64"), ("A" * (MAX_POSTED + 1), "too-large"), ("%%%", "not-base64")],
)
def test_what_is_not_base64_or_too_large_is_not_read(posted: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        decode(posted)
    assert caught.value.code == code
