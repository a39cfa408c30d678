"""The campaigns of the demonstration: one finished, with its files, and one in pause half-way."""

from datetime import timedelta

from payments.domain.campaigns import Action, Output, Selection
from payments.models import Campaign, PositionFile
from payments.services.campaign_work import campaigns_work
from payments.services.campaigns import campaign_create, campaign_move
from payments.services.imports import position_file_import, position_file_receive
from payments.showcase.people import Invented
from payments.showcase.stories import ACCOUNTANT, RENT_KIND
from portal import clock
from portal.accounts.events import actor_for
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.entities.models import Entity

FILE_NAME = "canone-unico-dimostrativo.csv"
HEADINGS = "id_esterno;codice_fiscale;nome;tipo;importo;descrizione;scadenza;indirizzo;civico;cap;comune;provincia"
NOTICES, VOLUME = 40, 10
DONE, PAUSED = "Canone unico, invio annuale (dimostrativa)", "Canone unico, stampa in tipografia (dimostrativa)"


def seed_campaigns(entity: Entity) -> None:
    """Positions brought in by a file, then the two campaigns; what is there already stays. Needs the scope."""
    actor = actor_for(User.objects.get(username=ACCOUNTANT))
    selection = Selection(source=f"import:{_imported(entity, actor).pk}:")
    if not Campaign.objects.filter(name=DONE).exists():
        campaign = campaign_create(entity=entity, name=DONE, output=Output.ZIP, selection=selection, actor=actor)
        campaign_move(campaign_id=campaign.pk, action=Action.QUEUE, actor=actor)
        campaigns_work()
    if not Campaign.objects.filter(name=PAUSED).exists():
        campaign = campaign_create(
            entity=entity, name=PAUSED, output=Output.BOOK, selection=selection, actor=actor, volume_size=VOLUME
        )
        campaign_move(campaign_id=campaign.pk, action=Action.QUEUE, actor=actor)
        campaigns_work(parts=NOTICES // VOLUME // 2)
        campaign_move(campaign_id=campaign.pk, action=Action.PAUSE, actor=actor)


def _imported(entity: Entity, actor: Actor) -> PositionFile:
    known = PositionFile.objects.filter(name=FILE_NAME).first()
    file = known or position_file_receive(entity=entity, name=FILE_NAME, content=_content(), actor=actor)
    # Again, it changes nothing.
    position_file_import(file_id=file.pk, actor=actor)
    return file


def _content() -> bytes:
    return "\r\n".join([HEADINGS, *(_line(number) for number in range(NOTICES))]).encode()


def _line(number: int) -> str:
    payer = Invented(number).payer
    due = clock.today() + timedelta(days=60)
    return (
        f"CU-{number + 1:04d};{payer.fiscal_code};{payer.name};{RENT_KIND};{45 + number * 7},00;"
        f"Canone unico - occupazione di suolo, concessione {100 + number}/2024;{due:%d/%m/%Y};"
        f"{payer.street};{payer.civic};{payer.postal_code};{payer.city};{payer.province}"
    )
