"""Treasury journals as signed documents: layout 1.7.1 for one body, 1.4 for the other. Pure."""

from lxml import etree

from payments.reconciliation.formats.journal_signing import sign
from payments.reconciliation.synthesis.days import plus
from payments.reconciliation.synthesis.signing_key import signing_key
from payments.reconciliation.synthesis.world import Journal, Movement
from payments.reconciliation.synthesis.writing_flows import euro

BANK_CODE = "03069"
OLD_LAYOUT = "1.4"
_NAMES = ("saldo_{}precedente", "totale_{}entrate", "totale_{}uscite", "saldo_{}finale")


def journal_document(journal: Journal, page: int = 1) -> bytes:
    """The bytes of a page of a journal, signed. Every page has the balances of the whole day."""
    return sign(_journal(journal, page), *signing_key())


def journal_name(journal: Journal, page: int = 1) -> str:
    """The name of its file."""
    mark = f"-{page}" if journal.pages > 1 else ""
    return f"GDC-{journal.day:%Y%m%d}-{journal.body.code}-{journal.number:06d}{mark}.xml"


def _journal(journal: Journal, page: int) -> etree._Element:
    root = etree.Element("flusso_giornale_di_cassa")
    _header(root, journal)
    _add(root, "identificativo_flusso_BT", journal.identifier(page))
    _add(root, "pagina", str(page))
    _add(root, "pagine_totali", str(journal.pages))
    _add(root, "esercizio", f"{journal.day:%Y}")
    if journal.body.layout == OLD_LAYOUT:
        _add(root, "data_inizio_periodo_riferimento", journal.day.isoformat())
        _add(root, "data_fine_periodo_riferimento", journal.day.isoformat())
    else:
        _add(root, "data_riferimento_GdC", journal.day.isoformat())
    for account in journal.body.accounts:
        block = etree.SubElement(root, "informazioni_conto_evidenza")
        _add(block, "conto_evidenza", account.code)
        _add(block, "descrizione_conto_evidenza", account.description)
        for movement in journal.rows(page):
            if movement.account is account:
                _movement(block, movement, old=journal.body.layout == OLD_LAYOUT)
        _amounts(block, journal.balances[account.code], "", "_conto_evidenza")
    columns = zip(*journal.balances.values(), strict=True)
    _amounts(root, tuple(sum(column) for column in columns), "complessivo_", "")
    return root


def _amounts(parent: etree._Element, amounts: tuple[int, ...], middle: str, suffix: str) -> None:
    for name, cents in zip(_NAMES, amounts, strict=True):
        _add(parent, name.format(middle) + suffix, euro(cents))


def _header(root: etree._Element, journal: Journal) -> None:
    header, body = etree.SubElement(root, "testata_messaggio"), journal.body
    for name, text in (
        ("codice_ABI_BT", BANK_CODE),
        ("data_ora_creazione_flusso", f"{plus(journal.day, 1)}T03:00:00"),
        ("codice_ente", f"UF{body.code:0<4}"[:6]),
        ("descrizione_ente", body.name),
        ("codice_istat_ente", f"{int(body.treasurer_code):09d}"),
        ("codice_fiscale_ente", body.fiscal_code),
        ("codice_tramite_ente", "A2A-00000001"),
        ("codice_tramite_BT", "A2A-00000002"),
        ("codice_ente_BT", body.treasurer_code),
    ):
        _add(header, name, text)


def _movement(block: etree._Element, movement: Movement, *, old: bool) -> None:
    row, day = etree.SubElement(block, "movimento_conto_evidenza"), movement.day.isoformat()
    if not old:
        _add(row, "identificativo_flusso", f"{movement.day:%Y%m%d}{movement.movement_number:010d}")
        _add(row, "numero_movimento", f"{movement.movement_number:07d}")
    _add(row, "tipo_movimento", movement.direction)
    _add(row, "tipo_documento", movement.kind)
    _add(row, "tipo_operazione", movement.operation)
    _add(row, "numero_documento", f"{movement.number:07d}")
    if movement.kind.startswith("SOSPESO"):
        suspended = etree.SubElement(row, "sospeso_da_regolarizzare")
        _add(suspended, "data_effettiva_sospeso", day)
        _add(suspended, "codice_gestionale_provvisorio", "0000099999")
    _add(row, "progressivo_documento", "0000000")
    _add(row, "importo", euro(movement.cents))
    _add(row, "numero_bolletta_quietanza", f"{movement.number:07d}")
    for name in ("data_movimento", "data_movimento_siope", "data_valuta_ente"):
        _add(row, name, day)
    _add(row, "tipo_esecuzione", "SEPA CREDIT TRANSFER")
    if movement.reference:
        _add(row, "codice_riferimento_operazione", movement.reference)
        _add(row, "end_to_end_id", movement.end_to_end)
    _add(row, "tipo_contabilita", "FRUTTIFERO")
    _add(row, "destinazione", "LIBERA")
    _add(row, "assoggettamento_bollo", "ESENTE BOLLO")
    _add(etree.SubElement(row, "cliente"), "anagrafica_cliente", movement.customer)
    _add(row, "causale", movement.text)
    for quoted in movement.quotes:
        item = etree.SubElement(row, "sospeso")
        _add(item, "numero_provvisorio", f"{quoted.number:07d}")
        _add(item, "importo_provvisorio", euro(quoted.cents))


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
