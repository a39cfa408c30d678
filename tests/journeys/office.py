"""The office: the queue, the case, the decision, the permit and its state."""

from tests.journeys.pages import Window

PASSWORD = "prova-prova-prova"
OFFICER = "istruttore.pisa"
ANOTHER_BODY = "istruttore.livorno"
QUEUE = "/admin/portal_cases/case/coda/"


def enter(window: Window, username: str) -> None:
    window.open("/admin/")
    window.look("accesso del personale")
    window.page.locator("[name=login]").fill(username)
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press("Entra")
    window.says("Scrivania dell'ufficio")
    window.look(f"scrivania {username}")


def take(window: Window, code: str) -> None:
    """Find the case among those that nobody has, read it, take it."""
    window.open(f"{QUEUE}?coda=da-prendere")
    window.look("coda da prendere")
    window.follow(code)
    window.at(f"/pratica/{code}/")
    window.look("ufficio presentata")
    window.press("Prendi in carico")
    window.says("La pratica è in carico a te.")
    window.look("ufficio in istruttoria")


def open_case(window: Window, code: str) -> None:
    window.open(f"/admin/portal_cases/case/pratica/{code}/")


def ask_integration(window: Window, code: str, question: str) -> None:
    """Ask for what is missing: the clock stops, and the case waits in the queue for the citizen."""
    action = window.unfold("Chiedi integrazione")
    action.locator("textarea").fill(question)
    action.get_by_role("button").click()
    window.says("Richiesta inviata: il termine è sospeso.")
    window.look("ufficio in attesa")
    window.open(f"{QUEUE}?coda=attesa-cittadino")
    window.says(code, "sospesa")
    window.look("coda in attesa")


def read_the_answer(window: Window, code: str) -> None:
    """The clock runs again and the answer is on the page of the case."""
    open_case(window, code)
    window.says("Ecco il certificato richiesto.", "alla decisione")
    window.look("ufficio con risposta")


def approve(window: Window, prescription: str = "Si viaggia solo di giorno.") -> None:
    """Approve with the proposed prescriptions and one in the officer's own words."""
    action = window.unfold("Approva con prescrizioni")
    window.look("ufficio approva")
    action.locator("textarea").fill(prescription)
    action.get_by_role("button").click()
    window.says("Domanda accolta: al richiedente sono stati chiesti gli oneri.")
    window.look("ufficio da pagare")


def approve_in_vain(window: Window) -> None:
    """Over the mass limits, without an approved wear table: it is said before and after, and nothing moves."""
    window.says("tabella mancante")
    window.unfold("Approva con prescrizioni").get_by_role("button").click()
    window.says("l'indennizzo per la maggiore usura non si può calcolare: manca una tabella approvata")
    window.look("ufficio approvazione fermata")
    assert window.page.locator(".case-head .chip").first.inner_text() == "in istruttoria"


def issue(window: Window, code: str) -> None:
    """The money is in: the permit goes out."""
    open_case(window, code)
    window.reload_until(lambda: window.page.get_by_role("button", name="Rilascia").count() > 0, seconds=30)
    window.look("ufficio pagata")
    window.press("Rilascia il provvedimento")
    window.says("Provvedimento rilasciato.")
    window.look("ufficio accolta")


def change_permit(window: Window, code: str, action: str, state: str) -> None:
    """Suspend, resume or revoke the permit, with a reason."""
    open_case(window, code)
    window.follow("Sospendi, riattiva o revoca")
    window.page.locator(f"[name=action][value={action}]").check()
    window.write(reason=f"Motivo di prova: {action}.")
    window.look(f"stato prima di {action}")
    window.press("Conferma")
    window.says("Fatto: il titolare è stato avvisato.")
    assert window.page.locator(".desk .chip").first.inner_text() == state
