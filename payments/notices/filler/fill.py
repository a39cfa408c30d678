"""A notice from a form: no layout, no WeasyPrint, the same page. What cannot be filled in is printed by WeasyPrint."""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from django.template.loader import render_to_string

from payments.notices import pdf
from payments.notices.content import NoticeContent
from payments.notices.filler.blanks import Filling
from payments.notices.filler.compile import Faces, form_of
from payments.notices.filler.files import Ready
from payments.notices.filler.forms import Form, whole_form
from payments.notices.filler.sheets import Tools, laid_out, objects_of
from payments.notices.filler.skeleton import Skeleton, skeleton_of
from payments.notices.filler.trace import Unshapeable

logger = logging.getLogger(__name__)

# The same for every notice of a language: captions. Their whole value is part of what forms are chosen by.
CONSTANT: Final = frozenset({"captions", "postal"})
MOST_SKELETONS, MOST_FORMS = 64, 256
# A shape that three different notices could not make a form of is left to WeasyPrint.
MOST_REFUSALS: Final = 3

_local = threading.local()


class Filler:
    """The forms made so far by one thread, and how many notices were filled or refused."""

    def __init__(self) -> None:
        press = pdf.press()
        self.tools = Tools(press.fetcher, press.style, press.fonts, pdf.VARIANT)
        self.faces = Faces()
        self.skeletons: list[Skeleton] = []
        self.forms: dict[tuple[int, object], Ready] = {}
        self.refusals: Counter[tuple[int, object]] = Counter()
        self.counts: Counter[str] = Counter()

    def fill(self, context: Mapping[str, Any]) -> bytes:
        """The PDF of a notice. Raises Unshapeable."""
        ready, filling = self.prepared(context)
        return ready.written(filling)

    def prepared(self, context: Mapping[str, Any]) -> tuple[Ready, Filling]:
        """The form of a notice and what goes in it. Raises Unshapeable."""
        skeleton, values = self._skeleton(context)
        if not skeleton.paragraphs:
            self._make(skeleton, context, (id(skeleton), None))
        lines = [paragraph.lines(values) for paragraph in skeleton.paragraphs]
        key = (id(skeleton), tuple(tuple(tuple(run.run for run in line) for line in found) for found in lines))
        ready = self.forms.get(key) or self._make(skeleton, context, key)
        return ready, Filling(values, lines)

    def printed(self, content: NoticeContent) -> Form:
        """A notice printed by WeasyPrint, taken apart."""
        return self.whole(render_to_string(pdf.TEMPLATE, pdf.notice_context(content)))

    def whole(self, html: str) -> Form:
        """Any page printed by WeasyPrint, taken apart."""
        tools = self.tools
        document = laid_out(tools.parsed(html), [tools.style], tools.fonts)
        made, _ = objects_of(document, tools.variant, full_fonts=False)
        return whole_form(made)

    def _skeleton(self, context: Mapping[str, Any]) -> tuple[Skeleton, list[str]]:
        for skeleton in self.skeletons:
            values = skeleton.values(context)
            if values is not None:
                return skeleton, values
        if len(self.skeletons) >= MOST_SKELETONS:
            raise Unshapeable("too many kinds of page")
        skeleton = skeleton_of(lambda seen: render_to_string(pdf.TEMPLATE, seen), context, CONSTANT, self.tools)
        values = skeleton.values(context)
        if values is None:
            raise Unshapeable("the page is not the same twice")
        self.skeletons.append(skeleton)
        return skeleton, values

    def _make(self, skeleton: Skeleton, context: Mapping[str, Any], key: tuple[int, object]) -> Ready:
        if self.refusals[key] >= MOST_REFUSALS or len(self.forms) >= MOST_FORMS:
            raise Unshapeable("no form for this page")
        try:
            ready = Ready(form_of(skeleton, context, self.tools, self.faces))
        except Unshapeable as refusal:
            self.refusals[key] += 1
            logger.info("No form for a notice: %s", refusal)
            raise
        if key[1] is not None:
            self.forms[key] = ready
        return ready


def filler() -> Filler:
    """The thread's own filler, made at the first notice."""
    if not hasattr(_local, "filler"):
        _local.filler = Filler()
    return _local.filler  # type: ignore[no-any-return]


def fill_notice(content: NoticeContent) -> bytes:
    """The PDF of a notice, as pdf.notice_pdf prints it and many times sooner; by notice_pdf if it must be.

    `filler().counts` says how many were `filled` and how many `printed`.
    """
    own = filler()
    try:
        found = own.fill(pdf.notice_context(content))
    except Unshapeable:
        own.counts["printed"] += 1
        return pdf.notice_pdf(content)
    own.counts["filled"] += 1
    return found
