"""The treasurer of the demonstration: writes the journal of a day (OPI 1.7.1), signs it and drops it in the folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from lxml import etree

from payments.reconciliation.formats.journal_signing import sign
from payments.reconciliation.gateways import journal_drop
from portal import clock
from portal.entities.models import Entity
from portal.kernel.money import decimal_from_cents
from portal.operations.sandbox.store import Store, Value

COLLECTION = "treasurer"
OPENING_CENTS = 125_000_000
ACCOUNT = "0000100"
BANK_CODE = "03069"
# Every day has movements that are no business of pagoPA.
UNRELATED = (
    ("ENTRATA", 12_540, "BONIFICO CANONE CONCESSIONE STRADALE PASSO CARRABILE", "IMPRESA DI PROVA SRL"),
    ("USCITA", 98_000, "FORNITURA SALE PER LE STRADE FATTURA 118", "FORNITORE DI PROVA SPA"),
)


@dataclass(frozen=True, slots=True)
class Credit:
    """A transfer that a PSP ordered in favour of the body; cents."""

    cents: int
    remittance: str
    reference: str
    customer: str


def write_journal(store: Store, *, entity: Entity, credits_: Sequence[Credit]) -> Path:
    """Drop the journal of today with these credits and the day's other movements; its path."""
    name, content = signed_journal(store, entity=entity, credits_=credits_, at=clock.now().astimezone(clock.ROME))
    path = journal_drop.incoming(entity.code) / name
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.rename(path)
    return path


def signed_journal(store: Store, *, entity: Entity, credits_: Sequence[Credit], at: datetime) -> tuple[str, bytes]:
    """The journal of a moment, which takes up the balances where the one before left them: its name and its bytes."""
    ledger = store.get(COLLECTION, entity.fiscal_code) or {"closing": OPENING_CENTS, "journal": 0, "number": 0}
    ledger["journal"] += 1
    root = journal_xml(entity=entity, credits_=credits_, ledger=ledger, at=at)
    content = sign(root, *signing_key())
    store.put(COLLECTION, entity.fiscal_code, ledger)
    return f"GDC-{at:%Y%m%d}-{entity.code}-{ledger['journal']:06d}.xml", content


def journal_xml(*, entity: Entity, credits_: Sequence[Credit], ledger: Value, at: datetime) -> etree._Element:
    """The unsigned journal. `ledger` is moved on: closing balance and last document number."""
    root = etree.Element("flusso_giornale_di_cassa")
    _header(root, entity, at)
    stamp = f"{at:%Y%m%d}{at:%H%M%S}{ledger['journal']:06d}"
    _add(root, "identificativo_flusso_BT", f"GDC-{stamp}#001#001")
    _add(root, "pagina", "1")
    _add(root, "pagine_totali", "1")
    _add(root, "esercizio", f"{at:%Y}")
    _add(root, "data_riferimento_GdC", at.date().isoformat())
    account = etree.SubElement(root, "informazioni_conto_evidenza")
    _add(account, "conto_evidenza", ACCOUNT)
    _add(account, "descrizione_conto_evidenza", "CONTO DI TESORERIA")
    income = expense = 0
    for credit in credits_:
        income += credit.cents
        _movement(account, ledger, at, "ENTRATA", credit)
    for direction, cents, text, customer in UNRELATED:
        income, expense = income + cents * (direction == "ENTRATA"), expense + cents * (direction == "USCITA")
        _movement(account, ledger, at, direction, Credit(cents, text, f"{stamp}{ledger['number']:07d}", customer))
    opening = ledger["closing"]
    ledger["closing"] = opening + income - expense
    names = ("saldo_{}precedente", "totale_{}entrate", "totale_{}uscite", "saldo_{}finale")
    amounts = (opening, income, expense, ledger["closing"])
    for name, amount in zip(names, amounts, strict=True):
        _add(account, f"{name.format('')}_conto_evidenza", _euro(amount))
    for name, amount in zip(names, amounts, strict=True):
        _add(root, name.format("complessivo_"), _euro(amount))
    return root


def _header(root: etree._Element, entity: Entity, at: datetime) -> None:
    header = etree.SubElement(root, "testata_messaggio")
    for name, text in (
        ("codice_ABI_BT", BANK_CODE),
        ("data_ora_creazione_flusso", f"{at:%Y-%m-%dT%H:%M:%S}"),
        ("codice_ente", f"UF{entity.code:0<4}"[:6]),
        ("descrizione_ente", entity.name),
        ("codice_istat_ente", f"{entity.pk:09d}"),
        ("codice_fiscale_ente", entity.fiscal_code),
        ("codice_tramite_ente", "A2A-00000001"),
        ("codice_tramite_BT", "A2A-00000002"),
        ("codice_ente_BT", f"{entity.pk:07d}"),
    ):
        _add(header, name, text)


def _movement(account: etree._Element, ledger: Value, at: datetime, direction: str, credit: Credit) -> None:
    """A provisional movement: it waits for the body's collection or payment order."""
    ledger["number"] += 1
    number, today = str(ledger["number"]), at.date().isoformat()
    movement = etree.SubElement(account, "movimento_conto_evidenza")
    _add(movement, "identificativo_flusso", f"{at:%Y%m%d}{ledger['journal']:06d}")
    _add(movement, "numero_movimento", number)
    _add(movement, "tipo_movimento", direction)
    _add(movement, "tipo_documento", f"SOSPESO {direction}")
    _add(movement, "tipo_operazione", "ESEGUITO")
    _add(movement, "numero_documento", number)
    suspended = etree.SubElement(movement, "sospeso_da_regolarizzare")
    _add(suspended, "data_effettiva_sospeso", today)
    _add(suspended, "codice_gestionale_provvisorio", "0000099999")
    _add(movement, "progressivo_documento", "0")
    _add(movement, "importo", _euro(credit.cents))
    _add(movement, "numero_bolletta_quietanza", number)
    for name in ("data_movimento", "data_movimento_siope", "data_valuta_ente"):
        _add(movement, name, today)
    _add(movement, "tipo_esecuzione", "SEPA CREDIT TRANSFER")
    _add(movement, "codice_riferimento_operazione", credit.reference)
    _add(movement, "end_to_end_id", credit.reference[:35])
    _add(movement, "tipo_contabilita", "FRUTTIFERO")
    _add(movement, "destinazione", "LIBERA")
    _add(movement, "assoggettamento_bollo", "ESENTE BOLLO")
    customer = etree.SubElement(movement, "cliente")
    _add(customer, "anagrafica_cliente", credit.customer)
    _add(movement, "causale", credit.remittance)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _euro(cents: int) -> str:
    return str(decimal_from_cents(cents))


def signing_key() -> tuple[bytes, bytes]:
    """Key and certificate (PEM) of the treasurer, made at the first use and kept with the sandbox's data."""
    folder = settings.DATA_DIR / "sandbox"
    key_path, certificate_path = folder / "treasurer.key", folder / "treasurer.crt"
    if not (key_path.exists() and certificate_path.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        key, certificate = _new_key()
        key_path.touch(mode=0o600)
        key_path.write_bytes(key)
        certificate_path.write_bytes(certificate)
    return key_path.read_bytes(), certificate_path.read_bytes()


def _new_key() -> tuple[bytes, bytes]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tesoriere di prova")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, certificate.public_bytes(serialization.Encoding.PEM)
