"""The citizen, or who acts for a company: from the catalogue to the permit."""

import re
from dataclasses import dataclass
from datetime import date

from tests.journeys.pages import Window, codes_of, text_of

SERVICE = "Autorizzazione al trasporto eccezionale"
WIZARD = "/servizi/trasporto-eccezionale/"
RECEIVED = "Abbiamo ricevuto la tua domanda"
A_PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass(frozen=True)
class Citizen:
    """Somebody of the test identity provider, and the company they act for (empty: themselves)."""

    name: str
    email: str
    company: str = ""


@dataclass(frozen=True)
class Load:
    """What travels, as it is typed."""

    mass: str
    length: str
    width: str = "3,00"
    height: str = "4,00"


GIULIA = Citizen("Giulia Bianchi", "giulia.bianchi@posta.example", "Autotrasporti Bianchi")
MARCO = Citizen("Marco Rossi", "marco.rossi@posta.example")
ELENA = Citizen("Elena Conti", "elena.conti@posta.example")


# --- Steps 1 and 2: finding the service, coming in --------------------------------------------------------------


def find_the_service(window: Window) -> None:
    """From the first page to the card of the service, and through its door."""
    window.open("/")
    window.look("home")
    window.open("/servizi/")
    window.look("servizi")
    window.follow(SERVICE)
    window.says("A chi è rivolto", "Quanto costa", "In quanto tempo", "Che cosa serve")
    window.look("scheda")
    window.follow("Accedi al servizio")
    window.at("/accedi/")


def log_in(window: Window, citizen: Citizen) -> None:
    """SPID with the test identity provider; then for whom one acts, if there is a choice."""
    window.look("accedi")
    window.page.locator("summary", has_text="Entra con SPID").first.click()
    window.page.get_by_role("link", name="Identity provider di prova").click()
    carry_on_by_hand(window)
    window.at("/idp/")
    window.look("idp persone")
    window.press(citizen.name)
    window.says("Vuoi inviare questi dati?")
    window.look("idp consenso")
    window.press("Acconsento")
    carry_on_by_hand(window)
    window.at("/(benvenuto|area|servizi)/")
    if citizen.company:
        window.says("Per chi vuoi operare?")
        window.look("agisci come")
        window.page.get_by_label(citizen.company).check()
        window.press("Continua")


def carry_on_by_hand(window: Window) -> None:
    """Signed messages leave by a form that a script sends; without scripts there is a button."""
    if not window.javascript:
        window.press("Continua")


def confirm_the_email(window: Window, citizen: Citizen) -> None:
    """The code arrives by e-mail: the counterpart's mailbox shows it."""
    window.at("/benvenuto/email/")
    window.look("e-mail")
    window.page.get_by_label("Indirizzo e-mail").fill(citizen.email)
    window.press("Manda il codice")
    window.says("Scrivi il codice che ti abbiamo mandato")
    window.look("e-mail codice")
    found = re.search(r"\b\d{6}\b", newest_mail(window, citizen))
    assert found is not None
    window.page.get_by_label("Codice").fill(found.group())
    window.press("Conferma l'indirizzo")


def newest_mail(window: Window, citizen: Citizen, subject: str = "") -> str:
    """The text of the last e-mail to somebody, read in another tab."""
    tab = window.tab()
    tab.open(f"{window.demo.sandbox}/posta/")
    rows = tab.page.locator("tbody tr", has_text=citizen.email).filter(has_text=subject)
    tab.reload_until(lambda: rows.count() > 0, seconds=30)
    tab.look("posta")
    rows.first.get_by_role("link").click()
    tab.page.locator(".message").wait_for()
    tab.look("posta messaggio")
    text = tab.page.locator(".message").inner_text()
    tab.page.close()
    return text


# --- Step 3: the application ------------------------------------------------------------------------------------


def on_step(window: Window, slug: str) -> None:
    """Wait for a step and look at it."""
    window.at(f"{WIZARD}{slug}/")
    window.look(f"domanda {slug}")


def next_step(window: Window) -> None:
    window.press("Avanti")


def choose_kind(window: Window) -> None:
    on_step(window, "richiedente")
    window.page.get_by_label("Singola").check()
    next_step(window)


def use_saved_vehicles(window: Window, *plates: str) -> None:
    """Take vehicles of the company's own fleet."""
    on_step(window, "veicoli")
    for plate in plates:
        window.press(f"Usa {plate}")
        window.page.locator(f"input[value='{plate}']").wait_for()
    window.look("domanda veicoli scelti")
    next_step(window)


def type_a_truck(window: Window, plate: str) -> None:
    """A truck of two axles, typed by hand."""
    on_step(window, "veicoli")
    window.page.locator("[name=v0-kind]").select_option(label="autocarro")
    window.write(v0__plate=plate, v0__tare="12000", v0__length="9,00", v0__make="Autocarro di prova")
    window.write(v0__a0__mass="8000", v0__a1__mass="10000", v0__a1__spacing="5,00")
    next_step(window)


def describe_the_load(window: Window, load: Load) -> None:
    on_step(window, "carico")
    window.write(description="Trave prefabbricata in calcestruzzo", rear_overhang="0")
    window.write(mass=load.mass, length=load.length, width=load.width, height=load.height)
    window.page.get_by_label("indivisibile").check()
    next_step(window)


def leave_and_come_back(window: Window) -> None:
    """With required fields still empty, leave from the load; later the draft is offered again, as it was."""
    on_step(window, "carico")
    window.write(description="Una trave, il resto dopo")
    window.press("Salva bozza")
    window.says("Bozza salvata")
    next_step(window)
    window.says("Inserisci la massa del carico")
    window.look("domanda carico con errori")
    window.open("/area/")
    window.look("area con bozza")
    window.open(WIZARD)
    window.says("Hai già una bozza", "Carico")
    window.look("riprendi la bozza")
    window.follow("Riprendi la bozza")
    on_step(window, "carico")
    assert window.page.locator("[name=description]").input_value() == "Una trave, il resto dopo"
    assert window.page.locator("[name=mass]").input_value() == ""


def draw_the_route(window: Window) -> None:
    """From Bientina to Calci on two provincial roads; the table works alone."""
    on_step(window, "percorso")
    window.write(origin="Bientina", destination="Calci")
    _fill_leg(window, 0, "SP5 ", "0+000", "9+500")
    window.press("Aggiungi tratto")
    window.page.locator("[name=t1-road]").wait_for()
    _fill_leg(window, 1, "SP12 ", "4+651", "0+000")
    window.press("Salva bozza")
    window.says("Bozza salvata")
    window.look("domanda percorso con tratti")
    next_step(window)


def _fill_leg(window: Window, number: int, road: str, start: str, end: str) -> None:
    choice = window.page.locator(f"[name=t{number}-road]")
    value = choice.locator("option").filter(has_text=re.compile(rf"^\s*{road}")).first.get_attribute("value")
    choice.select_option(value)
    window.write(**{f"t{number}__from_km": start, f"t{number}__to_km": end})


def choose_the_days(window: Window, start: date, end: date, *, urgent: str = "") -> None:
    on_step(window, "periodo")
    window.write(start_on=start.isoformat(), end_on=end.isoformat())
    if urgent:
        next_step(window)
        window.says("scrivi perché è urgente")
        window.look("domanda periodo con errori")
        window.write(urgent_reason=urgent)
    next_step(window)


def attach_files(window: Window) -> None:
    on_step(window, "allegati")
    for slot, label in (("carte-circolazione", "Carte di circolazione"), ("schema-carico", "Schema di carico")):
        file = {"name": f"{slot}.pdf", "mimeType": "application/pdf", "buffer": A_PDF}
        window.page.locator(f"[name={slot}-file]").set_input_files(file)  # type: ignore[arg-type]
        window.press(f"Carica {label}")
        window.page.get_by_role("link", name=f"{slot}.pdf").wait_for()
    window.look("domanda allegati caricati")
    next_step(window)


def declare(window: Window) -> None:
    """Read the summary and tick the declarations."""
    on_step(window, "riepilogo")
    for name in ("truthful", "aware", "privacy"):
        window.page.locator(f"[name={name}]").check()


def send(window: Window) -> str:
    """Send the application; returns the code of the case."""
    declare(window)
    window.press("Invia la domanda")
    window.at("/inviata/")
    window.says("Protocollo", "Decisione entro il")
    window.look("inviata")
    return window.page.url.rstrip("/").rpartition("/")[2]


def send_twice(window: Window) -> str:
    """Two tabs on the same summary, and both are sent: it is the same case."""
    impatient = window.tab()
    impatient.open(f"{WIZARD}riepilogo/")
    declare(impatient)
    code = send(window)
    impatient.press("Invia la domanda")
    impatient.at(f"/inviata/{code}/")
    impatient.page.close()
    window.page.go_back()
    window.at(f"{WIZARD}riepilogo/")
    window.open("/area/pratiche/")
    window.look("pratiche")
    assert window.page.locator("tbody a.code").all_inner_texts() == [code]
    return code


def read_what_was_sent(window: Window, citizen: Citizen, code: str) -> None:
    """The receipt in PDF, the message in the area, the e-mail."""
    open_case(window, code)
    receipt = text_of(window.pdf(window.page.get_by_role("link", name="la ricevuta di presentazione")))
    assert code in receipt
    window.open("/area/messaggi/")
    window.look("messaggi")
    window.follow(RECEIVED)
    window.says(code)
    window.look("messaggio")
    assert code in newest_mail(window, citizen, RECEIVED)


def open_case(window: Window, code: str) -> None:
    window.open(f"/area/pratiche/{code}/")
    window.look(f"pratica {window.page.locator('main .chip').first.inner_text()}")


# --- Step 4, the citizen's side ---------------------------------------------------------------------------------


def answer_the_office(window: Window, code: str, question: str) -> None:
    """The request is in the area; the answer has a text and a file."""
    window.open("/area/")
    window.page.get_by_role("link", name=re.compile("^Rispondi")).first.wait_for()
    window.look("area con richiesta")
    open_case(window, code)
    window.says(question, "Termine sospeso")
    window.follow("Rispondi")
    window.page.locator("[name=answer]").wait_for()
    window.look("rispondi")
    window.write(answer="Ecco il certificato richiesto.")
    file = {"name": "certificato.pdf", "mimeType": "application/pdf", "buffer": A_PDF}
    window.page.locator("[name=attachment]").set_input_files(file)  # type: ignore[arg-type]
    window.press("Invia la risposta")
    window.at(f"/area/pratiche/{code}/")
    window.says("in istruttoria")


# --- Steps 5 and 6: notice and payment --------------------------------------------------------------------------


def read_the_notice(window: Window, fiscal_code: str, cents: int) -> str:
    """The notice to pay: its PDF carries two readable codes. Returns the text of the QR."""
    window.open("/area/pagamenti/")
    window.says("Da pagare")
    window.look("pagamenti")
    # Fines may wait too: the one of the case is about the service.
    window.follow(re.compile("Paga adesso.*trasporto eccezionale", re.IGNORECASE | re.DOTALL))
    window.at("/pagamenti/avviso/")
    window.look("avviso")
    number = window.page.locator("main .mono").first.inner_text().replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    assert re.fullmatch(r"3\d{17}", number)
    notice = window.pdf(window.page.get_by_role("link", name="Scarica l'avviso"))
    qr = f"PAGOPA|002|{number}|{fiscal_code}|{cents}"
    codes = codes_of(notice)
    assert qr in codes
    assert [code for code in codes if code.startswith("codfase=NBPA;") and number in code]
    assert f"{cents // 100},{cents % 100:02d}" in text_of(notice)
    return qr


def pay_on_line(window: Window, amount: str) -> None:
    """From the notice to the checkout and back."""
    window.press("Paga adesso")
    window.says("Checkout di prova")
    window.look("checkout")
    window.press(re.compile(f"Paga {amount}"))
    window.at("/ritorno/ok/")
    window.look("ritorno")


def pay_at_the_counter(window: Window, qr: str, amount: str) -> None:
    """Scan the printed notice at the counter of a payment service provider."""
    window.open(f"{window.demo.sandbox}/psp/")
    window.look("sportello")
    window.page.get_by_label("testo del codice QR").fill(qr)
    window.press("Verifica l'avviso")
    window.says("paVerifyPaymentNotice: OK")
    window.look("sportello verifica")
    window.press(re.compile(f"Paga {amount}"))
    window.says("Pagamento eseguito.", "paGetPaymentV2: OK", "paSendRTV2: OK")
    window.look("sportello esito")


def see_it_paid(window: Window, code: str, amount: str) -> None:
    """The case has moved by itself; the receipt can be downloaded."""
    window.open(f"/area/pratiche/{code}/")
    window.reload_until(lambda: window.page.get_by_text("Pagamento ricevuto").count() > 0, seconds=40)
    open_case(window, code)
    receipt = text_of(window.pdf(window.page.get_by_role("link", name="Scarica la ricevuta", exact=True)))
    assert amount.split()[0] in receipt


# --- Step 7, the citizen's side ---------------------------------------------------------------------------------


def download_the_permit(window: Window, code: str) -> str:
    """The permit's PDF, with what was asked; returns the address of its QR."""
    open_case(window, code)
    permit = window.pdf(window.page.get_by_role("link", name="Scarica il PDF"))
    words = text_of(permit)
    for text in (code, "SP5", "SP12", "Prescrizioni", "Assi", "Somme pagate"):
        assert text in words, text
    addresses = [text for text in codes_of(permit) if text.startswith(f"{window.demo.portal}/verifica/")]
    assert len(addresses) == 1
    window.open("/area/documenti/")
    window.look("documenti")
    return addresses[0]


def check_the_permit(window: Window, address: str, words: str) -> None:
    """What the public page says now to whoever scans the code on the road."""
    window.open(address)
    window.says(words)
    window.look(f"verifica {words}")
