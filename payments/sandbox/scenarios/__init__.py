"""What the node and the PSPs do, good and bad, played against a running portal: `manage.py node_scenario all`.

Each scenario makes its own notices, calls the station over HTTP and says, step by step, what must be answered and
which rows must be there afterwards.
"""

from collections.abc import Callable

from payments.domain.codes import PROBE_NAV
from payments.sandbox.scenarios import asking, demand, hostile, options, paying
from payments.sandbox.scenarios.stage import Outcome, Stage

SCENARIOS: dict[str, Callable[[Stage], None]] = {
    "payable": asking.payable,
    "probe": asking.probe,
    "nobody-issued": asking.nobody_issued,
    "wrong-address": asking.wrong_address,
    "too-late": asking.too_late,
    "too-early": asking.too_early,
    "taken-back": asking.taken_back,
    "by-post": asking.by_post,
    "five-shares": asking.five_shares,
    "stamp-asked": asking.stamp_asked,
    "plain": paying.plain,
    "retried": paying.retried,
    "impatient": paying.impatient,
    "twice": paying.twice,
    "together": paying.together,
    "stand-in": paying.stand_in,
    "never-issued": paying.never_issued,
    "not-ours": paying.not_ours,
    "other-amounts": paying.other_amounts,
    "by-plan": paying.by_plan,
    "shared": paying.shared,
    "stamped": paying.stamped,
    "options": options.every_way,
    "on-the-spot": demand.on_the_spot,
    "unreadable": hostile.unreadable,
    "bad-fields": hostile.bad_fields,
    "malformed-receipt": hostile.malformed_receipt,
    "refused-by-the-bank": hostile.refused_by_the_bank,
    "other-spellings": hostile.other_spellings,
}


def play(name: str) -> list[Outcome]:
    """Play one scenario. Raises KeyError for a name that is none."""
    stage = Stage(name)
    SCENARIOS[name](stage)
    return stage.outcomes


def answers() -> bool:
    """Whether there is a station at the portal's address."""
    return Stage("").verify(PROBE_NAV).status != 0
