"""Positions at random, as the providers are told of them."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from payments.domain import codes
from payments.providers.data import (
    DebtorData,
    InstalmentData,
    OptionData,
    PositionData,
    StampData,
    TransferData,
)

ENTITY = "80000410508"
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 12, 31))
words = st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="<>&"), min_size=1, max_size=140
)
# A document of SHA-256 in base64.
HASH = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="


@st.composite
def transfers(draw: Any, seq: int, *, stamps: bool = True) -> TransferData:
    stamp = stamps and draw(st.booleans())
    return TransferData(
        seq=seq,
        entity=draw(st.sampled_from([ENTITY, "80016450480"])),
        company=draw(words),
        cents=draw(st.integers(1, 99_999_999)),
        category=draw(st.sampled_from(["9/0101100IM/", "9/DEMO01TS/"])),
        remittance=draw(words),
        iban="" if stamp else "IT60X0542811101000000123456",
        postal_iban="" if stamp else draw(st.sampled_from(["", "IT46Y0760114000000000111111"])),
        stamp=StampData(HASH, "PI") if stamp else None,
    )


@st.composite
def instalments(draw: Any, sequence: int, *, stamps: bool = True) -> InstalmentData:
    rows = tuple(draw(transfers(seq, stamps=stamps)) for seq in range(1, draw(st.integers(1, 5)) + 1))
    number = codes.issue(segregation_code=1, sequence=sequence)
    pairs = draw(st.lists(st.tuples(words, words), max_size=10, unique_by=lambda pair: pair[0]))
    return InstalmentData(
        nav=number.nav,
        iuv=number.iuv,
        cents=sum(row.cents for row in rows),
        due_on=draw(days),
        description=draw(words),
        transfers=rows,
        metadata=tuple(pairs),
    )


@st.composite
def positions(draw: Any, *, alike: bool = False, stamps: bool = True) -> PositionData:
    """`alike`: every option has the same validity and expiry, as GPD v1 wants."""
    common = (draw(st.none() | days), draw(st.booleans()))
    options = []
    for index in range(draw(st.integers(1, 3))):
        plan = index > 0
        valid_from, expires = common if alike else (draw(st.none() | days), draw(st.booleans()))
        parts = tuple(
            draw(instalments(index * 100 + number, stamps=stamps))
            for number in range(draw(st.integers(1, 4)) if plan else 1)
        )
        options.append(OptionData(draw(words), plan, valid_from, expires, parts))
    return PositionData(
        iupd=f"{ENTITY}-{draw(st.uuids()).hex}",
        entity=ENTITY,
        company=draw(words),
        office=draw(st.just("") | words),
        debtor=draw(debtors()),
        options=tuple(options),
        debt_kind="TE_ISTRUTTORIA",
        created_on=draw(days),
    )


@st.composite
def debtors(draw: Any) -> DebtorData:
    optional = st.just("") | words
    return DebtorData(
        kind=draw(st.sampled_from("FG")),
        fiscal_code=draw(st.sampled_from(["RSSMRA60D20F205R", "80016450480", "ANONIMO"])),
        name=draw(words)[:70],
        street=draw(optional)[:70],
        civic=draw(optional)[:16],
        postal_code=draw(st.sampled_from(["", "56125"])),
        city=draw(optional)[:35],
        province=draw(st.sampled_from(["", "PI"])),
        country=draw(st.sampled_from(["", "IT", "it", "ITA", "Francia"])),
        email=draw(st.sampled_from(["", "mario.rossi@posta.example", "mario@àccentata.it", "senza-chiocciola"])),
    )


_NUMBER = codes.issue(segregation_code=1, sequence=7)
PLAIN = PositionData(
    iupd=f"{ENTITY}-1f0c",
    entity=ENTITY,
    company="Provincia di Pisa",
    office="Trasporti",
    debtor=DebtorData("F", "RSSMRA60D20F205R", "Mario Rossi", city="Pisa", country="IT", email="mario@posta.example"),
    options=(
        OptionData(
            "Rata unica",
            False,
            None,
            False,
            (
                InstalmentData(
                    _NUMBER.nav,
                    _NUMBER.iuv,
                    4800,
                    date(2027, 6, 30),
                    "Autorizzazione al trasporto eccezionale",
                    (
                        TransferData(
                            1, ENTITY, "Provincia di Pisa", 4800, "9/DEMO01TS/", "Oneri", "IT60X0542811101000000123456"
                        ),
                    ),
                ),
            ),
        ),
    ),
    debt_kind="TE_ISTRUTTORIA",
    created_on=date(2026, 11, 20),
)
"""A position of one notice: 48,00 euro in one transfer."""
