"""The one query behind verify and activation: who the node thinks we are, and the notice it asks for.

Written in SQL because it is the hot path of the station: building the same query with the ORM costs more than
running it. It crosses the bodies on purpose (the node names the body), so it needs no scope.

A body may be on several stations at once. The node reads in a number which of them it belongs to (its segregation
code), so a number asked through another one is refused; a receipt is taken through any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from payments.domain.states import Payability, State, last_payable_day, payability
from payments.node.faults import FaultCode, StationFault
from payments.node.messages import Debtor, Head
from portal.clock import ROME

# Where a number says its segregation code.
CODE_DIGITS = slice(1, 3)

_ROUTE = """
    SELECT c.entity_id, c.id, e.name,
           COALESCE(bool_or(b.fiscal_code = %(broker)s), false),
           COALESCE(bool_or(b.fiscal_code = %(broker)s AND s.code = %(station)s), false),
           array_agg(l.id) FILTER (WHERE b.fiscal_code = %(broker)s AND s.code = %(station)s),
           array_agg(l.segregation_code) FILTER (WHERE b.fiscal_code = %(broker)s AND s.code = %(station)s),
           bool_or(l.issues) FILTER (WHERE b.fiscal_code = %(broker)s AND s.code = %(station)s)
      FROM payments_creditorentity c
      JOIN portal_entities_entity e ON e.id = c.entity_id
      LEFT JOIN payments_stationlink l ON l.creditor_id = c.id AND l.active
      LEFT JOIN payments_station s ON s.id = l.station_id
      LEFT JOIN payments_broker b ON b.id = s.broker_id
     WHERE e.fiscal_code = %(entity)s
     GROUP BY c.id, e.id
"""

# The station of a position is its link's. One without a link was issued before links were written on positions: by the
# station that issues, or by the one whose code its number carries.
_NOTICE = f"""
    WITH route (entity_id, creditor_id, company, broker_ok, station_ok, links, codes, issues) AS ({_ROUTE})
    SELECT r.entity_id, r.company, r.broker_ok, r.station_ok,
           COALESCE(p.link_id = ANY(r.links), r.issues OR %(code)s = ANY(r.codes)),
           i.id, i.iuv, i.amount_cents, i.due_on, i.paid_at IS NOT NULL, o.valid_from, o.refused_after_due,
           o.withdrawn_at IS NOT NULL, p.suspended_at IS NOT NULL, p.created_at, k.open_days,
           (SELECT d.cents FROM payments_datedamount d
             WHERE d.instalment_id = i.id AND d.valid_from <= %(on)s ORDER BY d.valid_from DESC LIMIT 1),
           p.state, p.description, p.office_name, p.debtor_kind, p.debtor_fiscal_code, p.debtor_name, p.debtor_email,
           p.debtor_street, p.debtor_civic, p.debtor_postal_code, p.debtor_city, p.debtor_province, p.debtor_country,
           EXISTS (SELECT 1 FROM payments_instalment si
                     JOIN payments_paymentoption so ON so.id = si.option_id
                    WHERE so.position_id = p.id AND so.id <> o.id AND so.withdrawn_at IS NULL
                      AND si.paid_at IS NOT NULL),
           NOT EXISTS (SELECT 1 FROM payments_transfer t WHERE t.instalment_id = i.id AND t.postal_iban = '')
      FROM route r
      LEFT JOIN payments_instalment i ON i.creditor_id = r.creditor_id AND i.nav = %(nav)s
      LEFT JOIN payments_paymentoption o ON o.id = i.option_id
      LEFT JOIN payments_position p ON p.id = o.position_id
      LEFT JOIN payments_debtkind k ON k.id = p.debt_kind_id
"""  # noqa: S608 - both texts are constants


@dataclass(frozen=True, slots=True)
class Route:
    """What we know of the caller's head. Fields are checked in the official order."""

    entity_id: int
    company: str
    broker_ok: bool
    station_ok: bool


@dataclass(frozen=True, slots=True)
class FoundNotice:
    """A notice that can be paid today, with all that the answers need."""

    entity_id: int
    company: str
    instalment_id: int
    iuv: str
    printed_cents: int
    cents: int
    due_on: date | None
    payable_until: date
    description: str
    office: str
    debtor: Debtor
    all_postal: bool


FAULT_OF = {
    Payability.NOT_YET: FaultCode.UNKNOWN,
    Payability.SIBLING_USED: FaultCode.UNKNOWN,
    Payability.EXPIRED: FaultCode.EXPIRED,
    # The body has taken it back for a while: the official list has no nearer word.
    Payability.SUSPENDED: FaultCode.CANCELLED,
    Payability.WITHDRAWN: FaultCode.CANCELLED,
    Payability.PAID: FaultCode.DUPLICATE,
    Payability.CANCELLED: FaultCode.CANCELLED,
}


def route_of(head: Head) -> Route:
    """The body of a receipt. Raises StationFault (ENTITY, BROKER, STATION), in that order."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUTE, {"entity": head.entity, "broker": head.broker, "station": head.station})
        row = cursor.fetchone()
    if row is None:
        raise StationFault(FaultCode.ENTITY)
    return checked(Route(row[0], row[2], row[3], row[4]))


def checked(route: Route) -> Route:
    """The same route. Raises StationFault when broker or station are not those of the body."""
    if not route.broker_ok:
        raise StationFault(FaultCode.BROKER, entity_id=route.entity_id)
    if not route.station_ok:
        raise StationFault(FaultCode.STATION, entity_id=route.entity_id)
    return route


def payable_notice(head: Head, *, nav: str, on: date, any_station: bool = False) -> FoundNotice:
    """The notice if it can be paid on a day, in one query. Raises StationFault with the reason otherwise.

    The station must be the one the number was issued with, unless `any_station` of the body will do.
    """
    with connection.cursor() as cursor:
        route = {"entity": head.entity, "broker": head.broker, "station": head.station}
        cursor.execute(_NOTICE, route | {"nav": nav, "code": int(nav[CODE_DIGITS]), "on": on})
        row = cursor.fetchone()
    if row is None:
        raise StationFault(FaultCode.ENTITY)
    entity_id, company, broker_ok, station_ok, own_station, *found = row
    checked(Route(entity_id, company, broker_ok, station_ok))
    if found[0] is None:
        raise StationFault(FaultCode.UNKNOWN, entity_id=entity_id)
    if not (own_station or any_station):
        raise StationFault(FaultCode.STATION, entity_id=entity_id)
    return _found(entity_id, company, found, on=on)


def _found(entity_id: int, company: str, row: Sequence[Any], *, on: date) -> FoundNotice:
    (instalment_id, iuv, printed, due_on, paid, valid_from, refused) = row[:7]
    (withdrawn, suspended, created_at, open_days, dated, state, description, office) = row[7:15]
    (*debtor, sibling_used, postal) = row[15:]
    verdict = payability(
        state=State(state),
        on=on,
        instalment_paid=paid,
        sibling_used=sibling_used,
        suspended=suspended,
        withdrawn=withdrawn,
        valid_from=valid_from,
        due_on=due_on,
        refused_after_due=refused,
    )
    if verdict is not Payability.PAYABLE:
        raise StationFault(FAULT_OF[verdict], entity_id=entity_id)
    return FoundNotice(
        entity_id=entity_id,
        company=company,
        instalment_id=instalment_id,
        iuv=iuv,
        printed_cents=printed,
        cents=printed if dated is None else dated,
        due_on=due_on,
        payable_until=last_payable_day(
            due_on=due_on, issued_on=created_at.astimezone(ROME).date(), open_days=open_days, on=on
        ),
        description=description,
        office=office,
        debtor=Debtor(*debtor),
        all_postal=postal,
    )
