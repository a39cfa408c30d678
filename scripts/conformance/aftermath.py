"""Run inside the portal after the examination: what hundreds of logins, two at a time, have left in the database.

`python -m scripts.conformance.aftermath ACCEPTED`, the number of answers the tool saw accepted, prints a line for each
fault and exits with 1 when there is one.
"""

import sys

import django


def faults(accepted: int) -> list[str]:
    """One person is one person, however they came in; a request is consumed by an accepted answer and nothing else.

    The tool is always the same person: with a codice fiscale by SPID and CIE, without one by eIDAS.
    """
    from portal.people.models import Person
    from spid_auth.domain.transactions import State
    from spid_auth.models import AuthnTransaction

    found = {
        "people with a codice fiscale": (Person.objects.filter(fiscal_code__isnull=False).count(), 1),
        "people without a codice fiscale": (Person.objects.filter(fiscal_code__isnull=True).count(), 1),
        "requests consumed": (AuthnTransaction.objects.filter(state=State.CONSUMED).count(), accepted),
    }
    return [f"{count} {what}, {expected} expected" for what, (count, expected) in found.items() if count != expected]


if __name__ == "__main__":
    django.setup()
    lines = faults(int(sys.argv[1]))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.exit(1 if lines else 0)
