"""Every way a login may end without a session, told in our own words.

The codes `nr08`-`nr30` are those of the table of anomalies in the SPID technical rules: only the number is read from
the message, its text never reaches a page. The others are our own refusals.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Problem:
    """A page: what happened, what to do, with which HTTP status; `ours` when the office must look into it."""

    title: Text
    happened: Text
    to_do: Text
    status: int = 403
    ours: bool = False


_RETRY = _("Riprova dall'inizio. Se il problema si ripete, scrivi all'assistenza indicando il codice della richiesta.")
_PROVIDER = _("Contatta l'assistenza del gestore della tua identità digitale, poi riprova.")

OUR_FAULT = Problem(
    _("L'accesso non è riuscito per un problema tecnico"),
    _(
        "Il gestore della tua identità digitale non ha accettato la richiesta che gli abbiamo "
        "inviato. Il problema è nostro."
    ),
    _(
        "Non devi fare nulla sulle tue credenziali. Riprova più tardi o scrivi all'assistenza con "
        "il codice della richiesta."
    ),
    ours=True,
)

PROBLEMS: dict[str, Problem] = {
    # Anomalies of our request, reported by the identity provider
    **{f"nr{number:02d}": OUR_FAULT for number in (8, 9, 11, 12, 13, 14, 15, 16, 17, 18)},
    # Anomalies of the person's login
    "nr19": Problem(
        _("Credenziali errate troppe volte"),
        _("Sono state inserite più volte credenziali non corrette, e il gestore ha interrotto l'accesso."),
        _("Controlla nome utente e password sul sito del tuo gestore (puoi anche recuperarli), poi riprova."),
    ),
    "nr20": Problem(
        _("Serve un livello di sicurezza più alto"),
        _("Le credenziali che hai usato non raggiungono il livello di sicurezza che questo servizio richiede."),
        _("Chiedi al tuo gestore credenziali di livello 2 (per esempio con l'app o con un codice), poi riprova."),
    ),
    "nr21": Problem(
        _("Il tempo per accedere è scaduto"),
        _("L'accesso presso il gestore è rimasto fermo troppo a lungo ed è stato chiuso."),
        _("Riprova e completa l'accesso senza interruzioni."),
    ),
    "nr22": Problem(
        _("Non hai dato il consenso"),
        _("Non hai autorizzato l'invio dei tuoi dati, quindi non possiamo riconoscerti."),
        _("Se vuoi entrare, riprova e dai il consenso: riceviamo solo i dati che servono a riconoscerti."),
    ),
    "nr23": Problem(
        _("La tua identità digitale non è utilizzabile"),
        _("L'identità che hai usato risulta sospesa, revocata o con credenziali bloccate."),
        _PROVIDER,
    ),
    "nr25": Problem(
        _("Hai annullato l'accesso"),
        _("L'accesso è stato interrotto su tua richiesta: non abbiamo ricevuto alcun dato."),
        _("Puoi riprovare quando vuoi."),
    ),
    "nr30": Problem(
        _("Tipo di identità non adatto a questo servizio"),
        _("Hai usato un'identità di tipo diverso da quello richiesto (personale o a uso professionale)."),
        _("Riprova scegliendo, presso il tuo gestore, la tua identità personale."),
    ),
    "anomaly": Problem(
        _("Il gestore non ha completato l'accesso"),
        _("Il gestore della tua identità digitale ha interrotto l'accesso senza indicarne il motivo."),
        _PROVIDER,
    ),
    # Our own refusals
    "response": Problem(
        _("Non possiamo accettare la risposta del gestore"),
        _("La risposta ricevuta non supera i controlli di sicurezza: per proteggerti non abbiamo aperto la sessione."),
        _RETRY,
        ours=True,
    ),
    "replay": Problem(
        _("Questo accesso è già stato usato"),
        _("Ogni risposta del gestore vale per un solo accesso, e questa era già stata usata."),
        _("Se non sei già dentro, riprova dall'inizio."),
    ),
    "session": Problem(
        _("L'accesso non è partito da questo browser"),
        _("La risposta del gestore non corrisponde a una richiesta avviata da qui, oppure la sessione è scaduta."),
        _(
            "Riprova dall'inizio con un solo browser, senza usare il tasto indietro. Controlla che i "
            "cookie siano attivi."
        ),
    ),
    "expired": Problem(
        _("La richiesta di accesso è scaduta"),
        _("È passato troppo tempo tra la richiesta e la risposta del gestore."),
        _("Riprova e completa l'accesso senza interruzioni."),
    ),
    "unknown-relay": Problem(
        _("La risposta non corrisponde a nessuna richiesta"),
        _("Abbiamo ricevuto una risposta che non riguarda una richiesta di accesso avviata da questo sito."),
        _RETRY,
        status=400,
    ),
    "no-response": Problem(
        _("Manca la risposta del gestore"),
        _("Questa pagina si apre solo al ritorno dal sito del gestore dell'identità digitale."),
        _("Per entrare, parti dalla pagina di accesso."),
        status=400,
    ),
    "too-large": Problem(
        _("La risposta ricevuta è troppo grande"),
        _("Il messaggio ricevuto supera la dimensione prevista e non è stato letto."),
        _RETRY,
        status=400,
    ),
    "not-base64": Problem(
        _("La risposta ricevuta non è leggibile"),
        _("Il messaggio ricevuto non ha la forma prevista."),
        _RETRY,
        status=400,
    ),
    "not-xml": Problem(
        _("La risposta ricevuta non è leggibile"),
        _("Il messaggio ricevuto non ha la forma prevista."),
        _RETRY,
        status=400,
    ),
    "no-fiscal-code": Problem(
        _("La tua identità non comunica il codice fiscale"),
        _(
            "Il gestore ti ha riconosciuto, ma non ci ha inviato il codice fiscale, che serve per aprire una pratica. "
            "Succede, per esempio, a chi usa un'identità di un altro Paese."
        ),
        _("Contatta l'assistenza: l'ufficio può associare la tua identità al tuo codice fiscale."),
    ),
    "legal-person": Problem(
        _("Con questa identità non sappiamo chi sei"),
        _("L'identità che hai usato è di un'impresa e non indica la persona che la usa."),
        _("Entra con la tua identità personale o con quella a uso professionale, poi scegli per chi agisci."),
    ),
    "other-person": Problem(
        _("Hai usato l'identità di un'altra persona"),
        _("Per continuare serve un accesso più sicuro della stessa persona che è già dentro: è tornata un'altra."),
        _("Riprova con la tua identità. Se vuoi cambiare persona, prima esci da questo sito."),
    ),
    "attributes": Problem(
        _("Mancano dati per riconoscerti"),
        _("Il gestore non ci ha inviato nome, cognome o un codice fiscale corretto."),
        _PROVIDER,
    ),
    "unknown-idp": Problem(
        _("Gestore non disponibile"),
        _("Il gestore scelto non è tra quelli con cui si può accedere in questo momento."),
        _("Torna alla pagina di accesso e scegli il tuo gestore dall'elenco."),
        status=404,
    ),
    "request-refused": OUR_FAULT,
    "provider-down": Problem(
        _("Il sistema di accesso non risponde"),
        _("Il sistema che riconosce la tua identità in questo momento non risponde, o risponde in modo sbagliato."),
        _("Riprova tra qualche minuto, oppure scegli un altro modo di accesso. Non hai perso nulla."),
        status=503,
        ours=True,
    ),
    "logout": Problem(
        _("Richiesta di uscita non valida"),
        _("La richiesta di uscita ricevuta non supera i controlli di sicurezza. La sessione resta aperta."),
        _("Per uscire da questo sito usa la voce Esci."),
        status=400,
    ),
    "not-configured": Problem(
        _("L'accesso con SPID non è ancora attivo"),
        _("Su questo portale l'accesso con SPID non è ancora stato configurato."),
        _("Riprova più tardi o scrivi all'assistenza."),
        status=403,
        ours=True,
    ),
    "not-a-citizen": Problem(
        _("Sei già dentro come personale dell'ente"),
        _(
            "In questo browser è aperta una sessione di lavoro del personale, che non si mescola con "
            "quella di un cittadino."
        ),
        _("Esci dalla sessione di lavoro oppure usa un altro browser."),
    ),
}


def problem(code: str) -> Problem:
    """The page for a refusal; an anomaly we have no words for gets the general one."""
    return PROBLEMS.get(code) or PROBLEMS["anomaly"]
