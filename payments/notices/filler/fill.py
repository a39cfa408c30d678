"""A notice from a form: no layout, no WeasyPrint, the same page. What cannot be filled in is printed by WeasyPrint."""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
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

# What is the same object for every notice of a layout: captions, the order of the modules.
CONSTANT: Final = frozenset({"captions", "postal", "sheets"})
# The kinds of page, and the forms of each, kept by a thread: the ones used last.
MOST_KINDS, MOST_FORMS = 64, 64
# A shape that so many notices could not make a form of is left to WeasyPrint.
MOST_REFUSALS: Final = 3
# How many lines each changing paragraph has, and which runs stand on each.
Shape = tuple[tuple[tuple[int, ...], ...], ...]

_local = threading.local()


@dataclass
class Kind:
    """The notices that go through the template in one way, and the forms made for them."""

    skeleton: Skeleton
    forms: dict[Shape, Ready] = field(default_factory=dict)
    refusals: Counter[Shape] = field(default_factory=Counter)


class Filler:
    """The forms made so far by one thread, and how many notices were `filled` or `printed` (see `counts`)."""

    def __init__(self) -> None:
        press = pdf.press()
        self.tools = Tools(press.fetcher, press.style, press.fonts, pdf.VARIANT)
        self.faces = Faces()
        self.kinds: list[Kind] = []
        self.counts: Counter[str] = Counter()

    def fill(self, context: Mapping[str, Any]) -> bytes:
        """The PDF of a notice. Raises Unshapeable."""
        ready, filling = self.prepared(context)
        return ready.written(filling)

    def prepared(self, context: Mapping[str, Any]) -> tuple[Ready, Filling]:
        """The form of a notice and what goes in it. Raises Unshapeable."""
        kind, values = self._kind(context)
        skeleton = kind.skeleton
        first = None if skeleton.paragraphs else self._made(skeleton, context)
        lines = [paragraph.lines(values) for paragraph in skeleton.paragraphs]
        shape = tuple([tuple([tuple([placed.run for placed in line]) for line in found]) for found in lines])
        ready = first or kind.forms.get(shape)
        if ready is None:
            if kind.refusals[shape] >= MOST_REFUSALS:
                raise Unshapeable("no form for this page")
            # Until it is made, it counts as refused.
            kind.refusals[shape] += 1
            ready = self._made(skeleton, context)
        if shape not in kind.forms:
            del kind.refusals[shape]
            kind.forms[shape] = ready
            if len(kind.forms) > MOST_FORMS:
                del kind.forms[next(iter(kind.forms))]
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

    def _kind(self, context: Mapping[str, Any]) -> tuple[Kind, list[str]]:
        for place, kind in enumerate(self.kinds):
            values = kind.skeleton.values(context)
            if values is not None:
                self.kinds.insert(0, self.kinds.pop(place))
                return kind, values
        skeleton = skeleton_of(lambda seen: render_to_string(pdf.TEMPLATE, seen), context, CONSTANT, self.tools)
        values = skeleton.values(context)
        if values is None:
            raise Unshapeable("the page is not the same twice")
        self.kinds = [Kind(skeleton), *self.kinds[: MOST_KINDS - 1]]
        return self.kinds[0], values

    def _made(self, skeleton: Skeleton, context: Mapping[str, Any]) -> Ready:
        try:
            return Ready(form_of(skeleton, context, self.tools, self.faces))
        except Unshapeable as refusal:
            logger.info("No form for a notice: %s", refusal)
            raise


def filler() -> Filler:
    """The thread's own filler, made at the first notice."""
    if not hasattr(_local, "filler"):
        _local.filler = Filler()
    return _local.filler  # type: ignore[no-any-return]


def fill_notice(content: NoticeContent) -> bytes:
    """The PDF of a notice, as pdf.notice_pdf prints it and many times sooner; printed by it if it must be.

    Raises NoticeError as notice_pdf does. `filler().counts` says how many were `filled` and how many `printed`.
    """
    own = filler()
    try:
        found = own.fill(pdf.notice_context(content))
    except Unshapeable:
        own.counts["printed"] += 1
        return pdf.notice_pdf(content)
    own.counts["filled"] += 1
    return found
