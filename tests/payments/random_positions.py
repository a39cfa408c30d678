"""Positions of every shape, made by a seeded chance and written in bulk: what the station may be asked about."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from payments.domain.codes import issue
from payments.domain.states import State
from payments.models import (
    CreditorEntity,
    DatedAmount,
    DebtKind,
    Instalment,
    PaymentOption,
    Position,
    Transfer,
)
from portal import clock
from portal.billing.models import Charge
from portal.entities.models import Entity

LIMIT = 99_999_999_999
# Accents, apostrophes, marks of XML, spaces at the ends, other alphabets; then cut to the length of the field.
WORDS = [
    "Ünal", "D'Àvalos", "& Figli", "<srl>", "Niccolò", "Łódź", "\"Al Ponte\"", "Δήμος", "a  b", "]]>", "x" * 140,
    "Autorizzazione", "al", "trasporto", "eccezionale", "€", "è", "Rossi", "中", "–",
]  # fmt: skip
MAILS = [
    "",
    "mario.rossi@posta.example",
    "o'neill@posta.example",
    "a+b@c-d.example",
    "x@" + "y" * 240 + ".it",
    "è@è.it",
]
IBANS = ["IT60X0542811101000000123456", "IT07X0542811101000000654321", "IT64X0542811101000000987654"]
POSTAL = ["", "IT46Y0760114000000000111111", "IT93Y0760102800000000222222"]
CODES = ["RSSMRA60D20F205R", "01234567897", "ANONIMO", "99999999999"]
BODIES = [("80000410508", "Provincia di Pisa"), ("80016450480", "Città metropolitana di Firenze"), ("01199250158", "B")]


@dataclass(frozen=True)
class Made:
    """An instalment and what was made with it."""

    nav: str
    total: int
    stamped: bool
    all_postal: bool


class Chance:
    """The same seed makes the same positions."""

    def __init__(self, entity: Entity, *, seed: int) -> None:
        self.random = Random(seed)
        self.entity, self.sequence = entity, 10_000 * (seed + 1)
        self.creditor = CreditorEntity.objects.get(entity=entity)
        self.kind = DebtKind.objects.filter(entity=entity).order_by("pk").first()
        self.rows: dict[type, list[Any]] = {
            model: [] for model in (Charge, Position, PaymentOption, Instalment, Transfer, DatedAmount)
        }
        self.made: list[Made] = []

    def words(self, most: int) -> str:
        text = " ".join(self.random.choices(WORDS, k=self.random.randint(1, 6)))
        return text[:most] if self.random.random() < 0.3 else text[: self.random.randint(1, most)]

    def part(self, most: int) -> str:
        return self.words(most) if self.random.random() < 0.5 else ""

    def day(self) -> date | None:
        return clock.today() + timedelta(days=self.random.randint(-40, 400)) if self.random.random() < 0.7 else None

    def cents(self) -> int:
        return self.random.choice([1, 5, 99, 100, 1600, 4800, 12_345_678, LIMIT // 5, self.random.randint(1, 10**7)])

    def position(self, number: int) -> None:
        """One position with one option, or with a plan beside it."""
        state = self.random.choices([State.PUBLISHED, State.DRAFT, State.CANCELLED, State.PAID], [20, 1, 1, 1])[0]
        now = clock.now()
        charge = Charge(
            entity=self.entity, source=f"caso:{self.sequence}:{number}", handler="x", payer_kind="F", payer_name="x",
            description="x", amount_cents=1, created_at=now,
        )  # fmt: skip
        position = Position(
            entity=self.entity, creditor=self.creditor, charge=charge, debt_kind=self.kind, state=state,
            description=self.words(140), office_name=self.part(50), debtor_kind=self.random.choice("FG"),
            debtor_fiscal_code=self.random.choice(CODES), debtor_name=self.words(70),
            debtor_email=self.random.choice(MAILS), debtor_street=self.part(70), debtor_civic=self.part(16),
            debtor_postal_code=self.part(16), debtor_city=self.part(35), debtor_province=self.part(35),
            debtor_country=self.random.choice(["", "IT", "FR", "it", "X"]), created_at=now,
            paid_at=now if state is State.PAID else None, cancelled_at=now if state is State.CANCELLED else None,
            **({"suspended_at": now, "suspension": "ricorso"} if self.random.random() < 0.03 else {}),
        )  # fmt: skip
        self.rows[Charge].append(charge)
        self.rows[Position].append(position)
        self.option(position, 1)
        if self.random.random() < 0.2:
            self.option(position, self.random.randint(2, 4))

    def option(self, position: Position, instalments: int) -> None:
        option = PaymentOption(
            entity=self.entity, position=position, kind="single" if instalments == 1 else "plan",
            description=self.part(140), refused_after_due=self.random.random() < 0.3,
            valid_from=clock.today() + timedelta(days=5) if self.random.random() < 0.03 else None,
        )  # fmt: skip
        self.rows[PaymentOption].append(option)
        for number in range(1, instalments + 1):
            self.instalment(option, number)

    def instalment(self, option: PaymentOption, number: int) -> None:
        self.sequence += 1
        code = issue(segregation_code=1, sequence=self.sequence)
        amounts = [self.cents() for _ in range(self.random.choices([1, 2, 3, 4, 5], [8, 4, 2, 1, 4])[0])]
        row = Instalment(
            entity=self.entity, creditor=self.creditor, option=option, number=number, nav=code.nav, iuv=code.iuv,
            amount_cents=sum(amounts), due_on=self.day(),
        )  # fmt: skip
        transfers = [self.transfer(row, seq, cents) for seq, cents in enumerate(amounts, start=1)]
        total = row.amount_cents
        if self.random.random() < 0.15 and total < LIMIT // 2:
            total = total - amounts[0] + self.cents()
            before = clock.today() - timedelta(days=self.random.randint(0, 9))
            after = clock.today() + timedelta(days=1)
            for since, cents in ((before, total), (after, 1)):
                self.rows[DatedAmount].append(
                    DatedAmount(entity=self.entity, instalment=row, valid_from=since, cents=cents, rule="prova")
                )
        self.rows[Instalment].append(row)
        self.rows[Transfer].extend(transfers)
        stamped = any(transfer.stamp_hash for transfer in transfers)
        self.made.append(Made(row.nav, total, stamped, all(transfer.postal_iban for transfer in transfers)))

    def transfer(self, row: Instalment, seq: int, cents: int) -> Transfer:
        fiscal_code, name = self.random.choice(BODIES)
        stamp = self.random.random() < 0.1
        account = {"iban": self.random.choice(IBANS), "postal_iban": self.random.choice(POSTAL)}
        digest = b64encode(self.random.randbytes(self.random.choice([32, 48]))).decode()
        return Transfer(
            entity=self.entity, instalment=row, seq=seq, beneficiary_fiscal_code=fiscal_code, beneficiary_name=name,
            amount_cents=cents, category=self.random.choice(["DEMO01TS", "0101100IM"]), remittance=self.words(140),
            debt_kind=self.kind, **({"stamp_hash": digest, "stamp_province": "PI"} if stamp else account),
        )  # fmt: skip


def make_positions(entity: Entity, *, count: int, seed: int) -> Sequence[Made]:
    """Write `count` positions; one instalment of each is returned. Needs the scopes open."""
    chance = Chance(entity, seed=seed)
    for number in range(count):
        chance.position(number)
        chance.made[number:] = [chance.random.choice(chance.made[number:])]
    for model, rows in chance.rows.items():
        model.objects.bulk_create(rows)  # type: ignore[attr-defined]
    # Last: what is paid takes no more transfers.
    Instalment.objects.filter(entity=entity, option__position__state=State.PAID).update(paid_at=clock.now())
    return chance.made
