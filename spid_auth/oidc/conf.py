"""What we agreed with the provider, from ARPA_OIDC (JSON) and ARPA_OIDC_SECRET.

No name in here is ARPA's: the defaults describe the provider of the sandbox, and a body writes its own agreement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from spid_auth import conf
from spid_auth.oidc.mapping import CLAIMS, ClaimMap
from spid_auth.sandbox.op import agreement

RETURN_PATH = "/arpa/ritorno"
LEFT_PATH = "/arpa/uscito"
TOKEN_AUTH = ("client_secret_basic", "client_secret_post")
# As long as the columns that keep issuer and client_id.
LONGEST = 255
KNOWN = frozenset(
    {
        "issuer", "client_id", "name", "scopes", "acr_values", "claim_map", "prefixes", "prompt", "token_auth",
        "end_session", "fiscal_code_required",
    }
)  # fmt: skip


class NotAgreed(DomainError):
    """ARPA_OIDC is missing or wrong: nobody can log in this way."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who the provider is, who we are for it, and how its words translate into ours."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    scopes: tuple[str, ...]
    acr_levels: Mapping[str, int]
    claim_map: ClaimMap
    # Asked of the provider from level 2, where the person must show their credentials again; empty to ask nothing.
    prompt: str
    # How we show our secret; empty to follow what the provider says of itself.
    token_auth: str
    end_session: bool
    fiscal_code_required: bool

    def acr_values(self, level: int) -> list[str]:
        """The values that reach a level, the weakest first."""
        reach = [value for value, granted in self.acr_levels.items() if granted >= level]
        return sorted(reach, key=lambda value: self.acr_levels[value])


def return_url() -> str:
    """Where the provider sends the browser back: to be registered there."""
    return conf.address(RETURN_PATH)


def left_url() -> str:
    """Where the provider sends the browser after a logout: to be registered there."""
    return conf.address(LEFT_PATH)


def given() -> tuple[dict[str, Any], str]:
    """The setting and the secret; outside production, without a setting, those of the sandbox."""
    if settings.ARPA_OIDC or settings.ENVIRONMENT == "production":
        return settings.ARPA_OIDC, settings.ARPA_OIDC_SECRET
    return agreement.setting(), agreement.secret()


def agreed() -> Agreement:
    """The agreement in force. Raises NotAgreed with everything that is wrong."""
    setting, secret = given()
    wrong = faults(setting, secret)
    if wrong:
        raise NotAgreed("arpa-not-agreed", " ".join(wrong))
    return Agreement(
        issuer=setting["issuer"],
        client_id=setting["client_id"],
        client_secret=secret,
        name=setting.get("name", "ARPA"),
        scopes=tuple(setting.get("scopes", ["openid"])),
        acr_levels={value: int(level) for level, values in setting["acr_values"].items() for value in values},
        claim_map=ClaimMap(setting["claim_map"], tuple(setting.get("prefixes", []))),
        prompt=setting.get("prompt", "login"),
        token_auth=setting.get("token_auth", ""),
        end_session=setting.get("end_session", True),
        fiscal_code_required=setting.get("fiscal_code_required", True),
    )


def is_agreed_with(issuer: str) -> bool:
    """Whether a registered provider is the one of the setting, and the setting is complete."""
    setting, secret = given()
    return setting.get("issuer") == issuer and not faults(setting, secret)


def may_be_called(address: str) -> bool:
    """Only https, except the provider of the sandbox where there is one."""
    sandbox = settings.SANDBOX_BASE_URL
    in_sandbox = settings.ENVIRONMENT != "production" and bool(sandbox) and address.startswith(f"{sandbox}/")
    return address.startswith("https://") or in_sandbox


def faults(setting: Mapping[str, Any], secret: str) -> list[str]:
    """What is missing or wrong in the setting, in sentences for who installs; empty when it is complete."""
    if not setting:
        return [_("ARPA_OIDC non è impostato.")]
    issuer, acr, claims = setting.get("issuer"), setting.get("acr_values"), setting.get("claim_map")
    found = {
        _("issuer deve essere un indirizzo https, senza barra finale."): not _is_text(issuer)
        or not may_be_called(str(issuer))
        or str(issuer).endswith("/"),
        _("Manca client_id."): not _is_text(setting.get("client_id")),
        _("Manca ARPA_OIDC_SECRET."): not secret,
        _("Il segreto non va scritto in ARPA_OIDC ma in ARPA_OIDC_SECRET."): "client_secret" in setting,
        _("scopes deve essere una lista che contiene openid."): not _are_texts(setting.get("scopes", ["openid"]))
        or "openid" not in setting.get("scopes", ["openid"]),
        _("acr_values deve dire, per ogni livello da 1 a 3, una lista di valori; nessuno per due livelli."): not (
            _are_levels(acr)
        ),
        _("claim_map deve dire almeno fiscal_code (o spid_code), first_name e last_name."): not _is_claim_map(claims),
        _("prefixes deve essere una lista di testi."): not _are_texts(setting.get("prefixes", []), empty=True),
        _("token_auth può essere client_secret_basic o client_secret_post."): setting.get("token_auth", "")
        not in ("", *TOKEN_AUTH),
        _("prompt e name devono essere testi."): not all(
            isinstance(setting.get(name, ""), str) for name in ("prompt", "name")
        ),
        _("end_session e fiscal_code_required possono essere true o false."): not all(
            isinstance(setting.get(name, True), bool) for name in ("end_session", "fiscal_code_required")
        ),
        _("Voci sconosciute: %(names)s.") % {"names": ", ".join(sorted(map(str, set(setting) - KNOWN)))}: bool(
            set(setting) - KNOWN - {"client_secret"}
        ),
    }
    return [says for says, wrong in found.items() if wrong]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()


def _are_texts(value: object, *, empty: bool = False) -> bool:
    return isinstance(value, list) and (empty or bool(value)) and all(_is_text(one) for one in value)


def _are_levels(value: object) -> bool:
    if not isinstance(value, dict) or not value or not set(value) <= {"1", "2", "3"}:
        return False
    if not all(_are_texts(values) for values in value.values()):
        return False
    every = [one for values in value.values() for one in values]
    return len(every) == len(set(every))


def _is_claim_map(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= set(CLAIMS) or not all(map(_is_text, value.values())):
        return False
    return {"first_name", "last_name"} <= set(value) and bool({"fiscal_code", "spid_code"} & set(value))
