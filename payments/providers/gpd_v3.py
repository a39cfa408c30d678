"""A position as GPD v3 takes it (gpd_v3.json): each option with its debtor, its validity and its instalments. Pure."""

from payments.providers import bodies
from payments.providers.bodies import Body
from payments.providers.data import InstalmentData, OptionData, PositionData, checked, end_of_day, start_of_day


def body(position: PositionData) -> Body:
    """The body of POST and PUT. Raises NotExpressible."""
    checked(position)
    return bodies.filled(
        {
            "iupd": position.iupd,
            "payStandIn": not position.has_stamp,
            "companyName": position.company[:140],
            "officeName": position.office[:140],
            "paymentOption": [_option(position, option) for option in position.options],
        }
    )


def _option(position: PositionData, option: OptionData) -> Body:
    return bodies.filled(
        {
            "description": option.description[:140],
            "validityDate": start_of_day(option.valid_from) if option.valid_from else None,
            "switchToExpired": option.switch_to_expired,
            "debtor": bodies.debtor(position.debtor),
            "installments": [_instalment(part) for part in option.instalments],
        }
    )


def _instalment(part: InstalmentData) -> Body:
    return {
        "nav": part.nav,
        "iuv": part.iuv,
        "amount": part.cents,
        "description": part.description[:140],
        "dueDate": end_of_day(part.due_on),
        "transfer": bodies.transfers(part),
        "installmentMetadata": bodies.metadata(part),
    }
