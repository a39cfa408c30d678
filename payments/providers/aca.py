"""An instalment as the central archive of notices takes it (paCreatePosition.json), so that the node can collect in
our place while our station is down. Pure.

The archive knows one amount and one account: with several beneficiaries the whole sum comes to the body, which
passes on what is not its own. A digital stamp cannot be in it.
"""

from payments.providers import bodies
from payments.providers.bodies import Body
from payments.providers.data import InstalmentData, NotExpressible, OptionData, PositionData, checked, end_of_day

ITALIAN_IBAN_LENGTH = 27


def bodies_of(position: PositionData) -> list[Body]:
    """One body for each notice number that can be paid. Raises NotExpressible."""
    return _bodies(position, closed=False)


def withdrawals(position: PositionData, *, closed_only: bool = False) -> list[Body]:
    """Bodies that take the notices out of the archive: there, amount zero means cancelled. Raises NotExpressible."""
    found = _bodies(position, closed=True) + ([] if closed_only else _bodies(position, closed=False))
    return [body | {"amount": 0, "payStandIn": False} for body in found]


def _bodies(position: PositionData, *, closed: bool) -> list[Body]:
    checked(position)
    if position.has_stamp:
        raise NotExpressible("aca_stamp", "Una posizione con la marca da bollo digitale non va nell'archivio ACA.")
    pairs = [(option, part) for option in position.options for part in option.instalments]
    return [_body(position, option, part) for option, part in pairs if part.closed is closed]


def _body(position: PositionData, option: OptionData, part: InstalmentData) -> Body:
    own = next((row for row in part.transfers if row.entity == position.entity), part.transfers[0])
    return bodies.filled(
        {
            "paFiscalCode": position.entity,
            "entityType": position.debtor.kind,
            "entityFiscalCode": position.debtor.fiscal_code,
            "entityFullName": position.debtor.name,
            "iuv": part.iuv,
            "nav": part.nav,
            "amount": part.cents,
            "description": part.description,
            "expirationDate": end_of_day(part.due_on),
            "iban": own.iban if len(own.iban) == ITALIAN_IBAN_LENGTH else "",
            "postalIban": own.postal_iban if len(own.postal_iban) == ITALIAN_IBAN_LENGTH else "",
            "switchToExpired": option.switch_to_expired,
            "payStandIn": True,
        }
    )
