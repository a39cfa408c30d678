"""What the template of a notice needs: its sheets, its captions, and the texts and codes of each number.

`captions`, `postal` and `sheets` are the same objects for every notice of a layout; the rest changes.
"""

from dataclasses import dataclass

from payments.barcodes import datamatrix, qr
from payments.notices.captions import Said, Wording, captions, postal_captions, wording
from payments.notices.content import NoticeContent
from payments.notices.layouts import MANY, layout_of
from portal.kernel.money import euro_plain


@dataclass(frozen=True, slots=True)
class SlipText:
    """A number as it is printed: its texts, and its codes as pictures. `ordinal` is "Rata 3", None if paid at once."""

    ordinal: Said | None
    number: str
    amount: str
    due: str
    qr: str
    datamatrix: str


@dataclass(frozen=True, slots=True)
class PayText:
    """How much, when and how. Without a single amount it is the sum of the instalments, each with its date."""

    dated: bool
    amount: str
    due: str
    info: Said | None
    many: bool
    online: Said


def notice_context(content: NoticeContent) -> dict[str, object]:
    """What the template needs. Raises NoticeError."""
    say = wording(content.second_language)
    return {
        "title": f"{captions()['title']} {content.first.number}",
        "content": content,
        "captions": say,
        "postal": postal_captions(),
        "slips": [slip_text(content, say, index) for index in range(len(content.slips))],
        "pay": pay_text(content, say),
        "sheets": layout_of(content).sheets,
    }


def slip_text(content: NoticeContent, say: Wording, index: int) -> SlipText:
    """A number of the notice as it is printed."""
    slip = content.slips[index]
    postal = content.datamatrix_text(slip)
    return SlipText(
        ordinal=say.say("instalment", number=slip.ordinal) if slip.ordinal else None,
        number=slip.number,
        amount=slip.amount,
        due=slip.due,
        qr=qr(content.qr_text(slip)).data_uri,
        datamatrix=datamatrix(postal).data_uri if postal else "",
    )


def pay_text(content: NoticeContent, say: Wording) -> PayText:
    """How much, when and how."""
    whole, count = content.single, len(content.instalments)
    info = say.say("instalments" if whole else "only_instalments", number=count) if count > 1 else None
    online = "online_with_site" if content.pays_on_site else "online_without_site"
    return PayText(
        dated=bool(content.fine) or any(slip.due_on for slip in content.slips),
        amount=euro_plain(whole.cents if whole else sum(slip.cents for slip in content.instalments)),
        due=whole.due if whole else "",
        info=info,
        many=count >= MANY,
        online=say.say(online, entity=content.entity_name),
    )
