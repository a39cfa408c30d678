"""How a whole position stands on a day, from how each of its instalments stands. Pure."""

from collections.abc import Iterable

from payments.domain.states import Payability

# The first that one of the instalments has is that of the position.
ORDER = (
    Payability.PAYABLE,
    Payability.SUSPENDED,
    Payability.NOT_YET,
    Payability.EXPIRED,
    Payability.PAID,
    Payability.CANCELLED,
    Payability.SIBLING_USED,
    Payability.WITHDRAWN,
)


def standing(instalments: Iterable[Payability]) -> Payability:
    """A position can be paid while one of its instalments can. Without instalments there is nothing to pay yet."""
    found = set(instalments)
    return next((one for one in ORDER if one in found), Payability.NOT_YET)
