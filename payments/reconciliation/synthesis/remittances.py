"""The text of a transfer (causale), as PSPs write it and as banks leave it. Pure."""

from random import Random

from payments.fines.domain.references import creditor_reference, in_groups
from payments.reconciliation.synthesis.world import Flow

# Every grammar there has been, and what was seen to happen to them on the way. `{}` is the identifier of the flow.
STYLES = {
    "/PUR/LGPE-RIVERSAMENTO/TXT/{prog}/URI/{iuf}": 45,
    "/PUR/LGPE-RIVERSAMENTO/URI/{iuf}": 16,
    "/PUR/LGPE-RIVERSAMENTO {kind} pagamenti del {day}/URI/{iuf}": 8,
    "RI1/PUR/LGPE-RIVERSAMENTO/URI/{iuf} ACCREDITO BOLLETTINO P.A.": 10,
    "/PUR/LGPE- RIVERSAMENTO/URI/{iuf}": 1.5,
    "/PUR/LGPE -RIVERSAMENTO/URI/{iuf}": 1,
    "/PUR/LGPE - RIVERSAMENTO/TXT/{prog}/URI/{iuf}": 1,
    "/PUR/L GPE-RIVERSAMENTO/URI/{iuf}": 1,
    "PUR LGPE-RIVERSAMENTO URI {iuf}": 3,
    "ACCREDITI VARI LGPE-RIVERSAMENTO/URI/{iuf}": 2,
    "BONIFICO DA {psp}:RI1:/PUR/LGPE-RIVERSAMENTO/TXT/{prog}/URI/{iuf}": 2,
    "000000000000000,01EUR00/ZZ2{psp}/ZZ3{body}/PUR/LGPE-RIVERSAMENTO/URI/{iuf}/ZZ4/4184/ZZ4/ID1357a": 1,
}
# Only where the identifier begins with a date.
DATED_STYLES = {
    "/PUR/LGPE-RIVERSAMENTO/URI/{split}": 2,
    "/PUR/LGPE-RIVERSAMENTO/URI/{spaced}": 1,
    "URI NOT PROVIDED RIVERSAMENTO/URI/{iuf}- {psp} DA UNCRITMM": 1.5,
}
HEXADECIMAL_STYLES = {"/PUR/LGPE-RIVERSAMENTO/URI/{iuf} {second} /BON.SEPA TRN {trn}": 30}
LOWER_CASE = 0.01
UNRELATED_IN = (
    ("BONIFICO CANONE CONCESSIONE STRADALE", "IMPRESA DI PROVA SRL"),
    ("TRASFERIMENTO REGIONALE QUOTA TRIMESTRALE", "REGIONE DI PROVA"),
    ("AFFITTO PALESTRA ISTITUTO SCOLASTICO", "ASSOCIAZIONE SPORTIVA DI PROVA"),
    ("VERSAMENTO CONTANTI ECONOMO", "ECONOMO DELL'ENTE"),
    ("SINISTRO STRADALE RISARCIMENTO DANNI", "ASSICURAZIONE DI PROVA SPA"),
)
UNRELATED_OUT = (
    ("FORNITURA SALE PER LE STRADE FATTURA", "FORNITORE DI PROVA SPA"),
    ("STIPENDI DEL MESE", "DIPENDENTI DIVERSI"),
)
FOREIGN_TEXTS = ("{rf} MULTA TARGA", "PAYMENT FINE {rf} CAR", "STRAFZETTEL {spaced} ITALIEN")


def remittance(flow: Flow, dice: Random) -> str:
    """The text of the transfer of a flow."""
    styles = STYLES | (HEXADECIMAL_STYLES if flow.psp.hexadecimal else DATED_STYLES)
    style = dice.choices(list(styles), list(styles.values()))[0]
    text = style.format(
        prog=flow.progressive,
        iuf=flow.iuf,
        kind="Cumulativo" if flow.progressive == 0 else f"Integrativo{flow.progressive}",
        day=f"{flow.day:%Y%m%d}",
        psp=flow.psp.name,
        body=flow.body.name,
        split=f"{flow.iuf[:8]} {flow.iuf[8:]}",
        spaced=f"{flow.iuf[:10]} {flow.iuf[10:]}",
        second=f"{dice.getrandbits(128):032x}",
        trn=flow.regulation_id,
    )
    return text.lower() if dice.random() < LOWER_CASE else text


def cut_remittance(flow: Flow, dice: Random) -> str:
    """A text cut before anything after the day can be read."""
    return f"/PUR/LGPE-RIVERSAMENTO/URI/{flow.iuf[: dice.choice((1, 4, 7, 10))]}"


def shortened_remittance(flow: Flow) -> str:
    """A text cut among the last characters of the identifier: nothing tells that it is not whole."""
    return f"/PUR/LGPE-RIVERSAMENTO/URI/{flow.iuf[:-3]}"


def single_remittance(iuv: str, cents: int, dice: Random) -> str:
    """The text of the transfer of one payment."""
    amount = f"{cents // 100}.{cents % 100:02d}"
    return dice.choice((f"/RFB/{iuv}/{amount}/TXT/pagamento singolo", f"/RFB/{iuv}/{amount}", f"/RFB/{iuv}"))


def foreign_remittance(act: str, dice: Random) -> str:
    """A transfer from abroad with the reference printed on the act (ISO 11649)."""
    reference = creditor_reference(act)
    return dice.choice(FOREIGN_TEXTS).format(rf=reference, spaced=in_groups(reference))
