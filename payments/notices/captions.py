"""The fixed texts, read once: prescribed word for word, in Italian and, where asked, in a second language under it.

French comes with the product. Other languages load as files of the same shape (`captions_<code>.toml`) from the
directory in the setting PAYMENTS_CAPTIONS_DIR.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString

from payments import conf
from payments.notices.errors import NoticeError

ITALIAN = "it"
# The captions with something to fill in.
_FILLED = frozenset({"instalments", "only_instalments", "instalment", "online_with_site"})
_HERE = Path(__file__).parent
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)


@cache
def captions(language: str = ITALIAN) -> dict[str, str]:
    """The captions of a language. Raises NoticeError for a language nobody has written, or half written."""
    texts: dict[str, str] = _read(language)["notice"]
    if language != ITALIAN:
        missing = sorted(captions().keys() - texts.keys())
        if missing:
            raise NoticeError("captions_missing", f"Nei testi «{language}» dell'avviso mancano: {', '.join(missing)}.")
    return texts


@cache
def postal_captions() -> dict[str, str]:
    """The captions of the postal part: in Italian only, as Poste's slip has them."""
    texts: dict[str, str] = _read(ITALIAN)["postal"]
    return texts


def _read(language: str) -> dict[str, dict[str, str]]:
    folders = [_HERE, *([Path(conf.captions_dir())] if conf.captions_dir() else [])]
    for folder in folders:
        path = folder / f"captions_{language}.toml"
        if _LANGUAGE.fullmatch(language) and path.is_file():
            return tomllib.loads(path.read_text(encoding="utf-8"))
    raise NoticeError("unknown_language", f"Non ci sono i testi dell'avviso nella lingua «{language}».")


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the notice, and the same in the second language if there is one."""

    text: str
    second: str = ""


class Wording:
    """The captions as a notice prints them: the Italian, and the second language after it if there is one."""

    def __init__(self, second_language: str) -> None:
        self.language = second_language
        self._printed = {key: self._print(self.say(key)) for key in captions() if key not in _FILLED}
        self._printed["amount_euro"] = self._print(self._both(lambda texts: f"{texts['amount']} {texts['euro']}"))

    def __getitem__(self, key: str) -> SafeString:
        return self._printed[key]

    def say(self, key: str, **values: str | int) -> Said:
        """A caption with its values filled in, in both languages."""
        return self._both(lambda texts: texts[key].format(**values) if values else texts[key])

    def _both(self, text: Callable[[dict[str, str]], str]) -> Said:
        return Said(text(captions()), text(captions(self.language)) if self.language else "")

    def _print(self, said: Said) -> SafeString:
        if not said.second:
            return format_html("{}", said.text)
        return format_html('{} <span class="second" lang="{}">{}</span>', said.text, self.language, said.second)


@cache
def wording(second_language: str = "") -> Wording:
    """The wording with a second language, or with none. Raises NoticeError."""
    return Wording(second_language)
