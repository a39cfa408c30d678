"""A whole year, from the recipe. Pure: the same recipe gives the same year."""

from random import Random

from payments.reconciliation.synthesis.debts import make_debts
from payments.reconciliation.synthesis.flow_faults import Mangler
from payments.reconciliation.synthesis.flows import Press, make_flows
from payments.reconciliation.synthesis.journals import make_journals
from payments.reconciliation.synthesis.payment_faults import Spoiler
from payments.reconciliation.synthesis.payments import Till, make_payments
from payments.reconciliation.synthesis.recipe import Recipe
from payments.reconciliation.synthesis.treasury import Bank, make_ordinary_credits, make_other_movements
from payments.reconciliation.synthesis.world import Year


def make_year(recipe: Recipe) -> Year:
    """What happened, and what went wrong. Raises ValueError when the period is too small for a case of each kind."""
    dice = Random(recipe.seed)  # noqa: S311 - the same for the same seed
    year = Year(recipe.bodies)
    year.debts = make_debts(recipe, dice)
    till = Till(recipe, dice)
    year.payments = make_payments(recipe, year.debts, till)
    Spoiler(recipe, year, till).spoil()
    press = Press(recipe.seed, dice)
    make_flows(year, press)
    bank = Bank(recipe, year, dice)
    Mangler(bank, press).spoil()
    make_ordinary_credits(bank)
    make_other_movements(bank, press)
    make_journals(recipe, year, dice)
    return year
