"""Opening the messages of a login. Whoever reads says why, and the reading is written before anything is shown."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _
from lxml import etree

from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from spid_auth import events, register_seal
from spid_auth.models import AuthnTransaction, Direction, SamlMessage
from spid_auth.register.holds import checked
from spid_auth.saml import backend


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message in clear. `intact`: it is byte by byte what was exchanged (None when its digest was never kept)."""

    pk: int
    label: str
    name: str
    at: datetime
    body: bytes
    sha256: str
    intact: bool | None

    @property
    def readable(self) -> str:
        """The XML with a line for each element; the bare text when it is not XML."""
        try:
            root = backend.parse(self.body)
        except backend.NotXml:
            return self.body.decode("utf-8", "replace")
        etree.indent(root)
        return str(etree.tostring(root, encoding="unicode"))


def register_open(
    *, transaction_id: int, reason: str, actor: Actor, how: str, only: int | None = None
) -> list[OpenMessage]:
    """The messages of a request of login, in order, or `only` one of them.

    The reading is an audit event with its reason, committed before anything is opened.

    Raises DomainError without a reason, or when a message cannot be opened any more.
    """
    text = checked(reason)
    with transaction.atomic():
        started = AuthnTransaction.objects.get(pk=transaction_id)
        every = enumerate(started.messages.all(), start=1)
        kept = [(place, one) for place, one in every if only in (None, one.pk)]
        events.register_read(started, how=how, messages=[one.pk for _place, one in kept], reason=text, actor=actor)
    return [_opened(one, place) for place, one in kept]


def _opened(message: SamlMessage, place: int) -> OpenMessage:
    try:
        body = register_seal.opened(message)
    except register_seal.CannotOpen as error:
        text = _("Un messaggio non si apre: manca la sua chiave tra quelle di SPID_REGISTER_KEYS, o è alterato.")
        raise DomainError("cannot-open", str(text)) from error
    way = "richiesta" if message.direction == Direction.OUT else "risposta"
    digest = sha256(body).hexdigest()
    return OpenMessage(
        pk=message.pk,
        label=str(Direction(message.direction).label),
        name=f"{place:02d}-{way}.{'xml' if body.lstrip().startswith(b'<') else 'txt'}",
        at=message.at,
        body=body,
        sha256=digest,
        intact=digest == message.sha256 if message.sha256 else None,
    )


def register_export(*, started: AuthnTransaction, folder: Path, reason: str, actor: Actor) -> Path:
    """Write a request of login for an authority: the messages as exchanged, what we made of them, the keys of then.

    A new folder named after the code, that only the owner can read. Raises DomainError, FileExistsError.
    """
    place = folder / started.code
    if place.exists():
        raise FileExistsError(place)
    opened = register_open(transaction_id=started.pk, reason=reason, actor=actor, how="export")
    files = {one.name: one.body for one in opened}
    revision = started.provider_revision
    files["certificati-gestore.pem"] = (revision or started.idp).certificates.encode()
    described = {
        "transaction": model_to_dict(started, exclude=["relay_state"]),
        "identity_provider": started.idp.issuer,
        "messages": [{**asdict(one), "body": one.name} for one in opened],
        "reason": reason,
    }
    files["scheda.json"] = json.dumps(described, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False).encode()
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    place.mkdir(parents=True, mode=0o700)
    for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
        with os.fdopen(os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    return place
