"""A position as GPD v1 takes it (gpd.json, also the content of the massive files). Pure.

Here validity and expiry are said once, of the whole position: options that differ in them need v3.
"""

from payments.providers import bodies
from payments.providers.bodies import Body
from payments.providers.data import (
    InstalmentData,
    NotExpressible,
    OptionData,
    PositionData,
    checked,
    end_of_day,
    start_of_day,
)


def body(position: PositionData) -> Body:
    """The body of POST and PUT. Raises NotExpressible."""
    checked(position)
    if len({(option.valid_from, option.switch_to_expired) for option in position.options}) > 1:
        raise NotExpressible(
            "gpd_v1_options",
            "Le opzioni di pagamento hanno validità diverse: questa versione di GPD non le distingue, serve la v3.",
        )
    first = position.options[0]
    return bodies.filled(
        {
            "iupd": position.iupd,
            "payStandIn": not position.has_stamp,
            **bodies.debtor(position.debtor),
            "companyName": position.company[:140],
            "officeName": position.office[:140],
            "switchToExpired": first.switch_to_expired,
            "validityDate": start_of_day(first.valid_from) if first.valid_from else None,
            "paymentOption": [_option(option, part) for option in position.options for part in option.instalments],
        }
    )


def _option(option: OptionData, part: InstalmentData) -> Body:
    return {
        "nav": part.nav,
        "iuv": part.iuv,
        "amount": part.cents,
        "description": part.description[:140],
        "isPartialPayment": option.is_plan,
        "dueDate": end_of_day(part.due_on),
        "transfer": bodies.transfers(part),
        "paymentOptionMetadata": bodies.metadata(part),
    }
