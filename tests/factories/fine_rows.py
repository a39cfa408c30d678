"""One row of everything that the office of fines keeps of a body."""

from datetime import date

from payments.fines.models import DriverData, FileKind, Fine, FineImport
from payments.fines.seeds import seed_kinds
from payments.fines.services.drivers import Driver, driver_declare
from payments.fines.services.files import file_receive
from payments.fines.services.importing import import_run
from payments.fines.services.paid import points_sent
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.people.acting import Acting
from tests.payments.fines.fine_files import table

DESK = Actor(label="Ufficio multe")


def fine_rows(entity: Entity, secret: str, acting: Acting) -> DriverData:
    """A fine from a file, whose driver was named, with a text ready for the IO app."""
    seed_kinds(entity)
    content = table({"debitore": f"{secret} Rossi", "luogo": f"{secret} bivio", "dati_conducente": "S"})
    reading = file_receive(entity=entity, kind=FileKind.ACTS, name=f"{secret}.csv", content=content, actor=DESK)
    import_run(import_id=reading.pk, entity_id=entity.pk, actor=DESK)
    fine = Fine.objects.get(entity=entity)
    points_sent(fine_id=fine.pk, actor=DESK)
    driver = Driver(
        "Anna", secret, date(1985, 5, 4), "Pisa", "", f"{secret} 12", "PI5012345X", "B", "MIT-UCO", date(2030, 5, 4)
    )
    assert FineImport.objects.filter(entity=entity, new_rows=1).exists()
    return driver_declare(fine_id=fine.pk, entity=entity, driver=driver, acting=acting)
