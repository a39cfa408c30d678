"""Invented people who owe something. No municipality has their codes: they begin with Y9."""

from dataclasses import dataclass
from typing import Final

from stdnum.it import codicefiscale

from portal.billing.socket import Payer

SURNAMES: Final = ("Bargagli", "Corsini", "Duranti", "Fabbrini", "Giannelli", "Lenzi", "Nardi", "Pardini")
NAMES: Final = ("Bruno", "Chiara", "Dario", "Emma", "Fabio")
STREETS: Final = ("Via Prova", "Via delle Querce", "Piazza della Prova", "Viale dei Pini")
# The citizens of the demonstration, as the test identity providers know them.
MARCO: Final = Payer("F", "RSSMRC78L04Y998P", "Marco Rossi", street="Via Prova", civic="2", postal_code="56100",
                     city="Pisa", province="PI", country="IT")  # fmt: skip
ELENA: Final = Payer("F", "CNTLNE90S61Y997V", "Elena Conti", street="Via Prova", civic="3", postal_code="56100",
                     city="Pisa", province="PI", country="IT")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invented:
    """One of the invented people, by number from 0."""

    number: int

    @property
    def surname(self) -> str:
        """The family name."""
        return SURNAMES[self.number % len(SURNAMES)]

    @property
    def name(self) -> str:
        """The given name: with eight family names, forty people have forty names."""
        return NAMES[self.number % len(NAMES)]

    @property
    def fiscal_code(self) -> str:
        """A code with the right check letter, of a municipality that does not exist."""
        woman = self.name.endswith("a")
        born = f"{60 + self.number % 35:02d}A{self.number % 28 + 1 + 40 * woman:02d}"
        code = f"{_letters(self.surname)}{_letters(self.name, of_name=True)}{born}Y{900 + self.number % 100}"
        return code + str(codicefiscale.calc_check_digit(code))

    @property
    def street(self) -> str:
        """Where they live."""
        return STREETS[self.number % len(STREETS)]

    @property
    def payer(self) -> Payer:
        """The same as who owes."""
        return Payer(
            "F", self.fiscal_code, f"{self.name} {self.surname}",
            street=self.street, civic=str(self.number + 1), postal_code="56100", city="Pisa", province="PI",
            country="IT",
        )  # fmt: skip


def _letters(word: str, *, of_name: bool = False) -> str:
    """The three letters of a word in a code: consonants first; of four in a given name the second is left out."""
    plain = word.upper()
    consonants = [letter for letter in plain if letter not in "AEIOU"]
    if of_name and len(consonants) > 3:
        del consonants[1]
    return "".join([*consonants, *(letter for letter in plain if letter in "AEIOU"), "X" * 3])[:3]
