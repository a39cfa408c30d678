"""Italian tax identifiers, checked with python-stdnum."""

from stdnum.it import codicefiscale, iva


def normalise(value: str) -> str:
    """Upper case, without spaces; a TINIT- prefix is taken off once."""
    return value.strip().upper().replace(" ", "").removeprefix("TINIT-")


def is_codice_fiscale(value: str) -> bool:
    """A codice fiscale of a person, check character included; provisional 11-digit codes and omocodia accepted."""
    return bool(codicefiscale.is_valid(value))


def is_partita_iva(value: str) -> bool:
    """A partita IVA (or numeric codice fiscale of a body): 11 digits with a right check digit."""
    return len(value) == 11 and bool(iva.is_valid(value))
