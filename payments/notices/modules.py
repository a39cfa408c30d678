"""The table of modules: for each, its size and where its boxes stand, in millimetres.

Heights are those of the longest texts that the specification allows, at the sizes of notice.css.
`ONE` is the notice in Italian; `TWO` has a second language under each caption.
"""

from typing import Final

from payments.notices.geometry import (
    BOTTOM,
    CODE_SIDE,
    LOGO_SIDE,
    MARGIN,
    QUIET_ZONE,
    STEP,
    WIDTH,
    Box,
    Module,
)

PAIR, TRIPLE = 92.0, 59.3
# Where the columns of a row begin, from the left of the sheet.
COLUMNS: Final[dict[int, tuple[float, ...]]] = {1: (MARGIN,), 2: (MARGIN, 108.0), 3: (MARGIN, 75.35, 140.7)}


def _code(x: float, y: float) -> Box:
    return Box(x, y, CODE_SIDE, CODE_SIDE)


_HEADER = Module(
    WIDTH,
    LOGO_SIDE,
    {
        "title": Box(0, 0, 150, 10),
        "subject": Box(0, 12, 150, 17),
        "logo": Box(WIDTH - LOGO_SIDE, 0, LOGO_SIDE, LOGO_SIDE),
    },
)

# Poste's slip has no second language.
_POSTAL: Final[dict[str, Module]] = {
    "postal-single": Module(
        WIDTH,
        57,
        {
            "title": Box(0, 2, 88, 7),
            "due": Box(90, 2, 100, 7),
            "account": Box(0, 11, 56, 10),
            "amount": Box(0, 21.5, 56, 10),
            "number": Box(0, 32, 56, 10),
            "kind": Box(60, 11, 34, 10),
            "entity": Box(60, 21.5, 34, 10),
            "names": Box(98, 11, 58, 42),
            "authorisation": Box(0, 51.5, 94, 4),
        },
        {"datamatrix": _code(161.5, 15)},
    ),
    "postal-pair": Module(
        PAIR,
        53.5,
        {
            "title": Box(0, 1.5, 40, 5),
            "due": Box(40, 1.5, 52, 5),
            "holder": Box(0, 7, 45, 9.2),
            "addressee": Box(47, 7, 45, 9.2),
            "subject": Box(0, 16.2, 92, 9.2),
            "account": Box(0, 26, 29, 7.4),
            "amount": Box(30, 26, 30, 7.4),
            "number": Box(0, 33.6, 60, 7.4),
            "kind": Box(0, 41.2, 29, 7.4),
            "entity": Box(30, 41.2, 30, 7.4),
            "authorisation": Box(0, 49.4, 60, 3),
        },
        {"datamatrix": _code(63.8, 28.5)},
    ),
    "postal-triple": Module(
        TRIPLE,
        62.5,
        {
            "title": Box(0, 1.4, TRIPLE, 5),
            "holder": Box(0, 6.4, TRIPLE, 9),
            "subject": Box(0, 15.4, TRIPLE, 12),
            "number": Box(0, 27.4, TRIPLE, 6.9),
            "account": Box(0, 34.8, 28, 7.2),
            "amount": Box(0, 42, 28, 7.2),
            "entity": Box(0, 49.2, 21.6, 7.2),
            "kind": Box(22.4, 49.2, 5.6, 7.2),
            "authorisation": Box(0, 56.8, 28, 5.4),
        },
        {"datamatrix": _code(31.2, 37.4)},
    ),
}

ONE: Final[dict[str, Module]] = {
    "header": _HEADER,
    "parties": Module(
        WIDTH,
        34,
        {
            "creditor-title": Box(0, 0, 45, 6),
            "creditor-code": Box(45, 0, 47, 6),
            "creditor": Box(0, 6.5, 92, 27.5),
            "addressee-title": Box(98, 0, 45, 6),
            "addressee-code": Box(143, 0, 47, 6),
            "addressee": Box(98, 6.5, 92, 27.5),
        },
    ),
    "pay": Module(WIDTH, 46, {"how-much": Box(4, 3, 84, 42), "where": Box(98, 3, 88, 42)}),
    "fine-pay": Module(
        WIDTH,
        72,
        {
            "heading": Box(4, 3, 114, 6),
            "discounted": Box(4, 10.5, 54, 21),
            "reduced": Box(62, 10.5, 56, 21),
            "choose": Box(4, 33, 114, 7.5),
            "terms": Box(4, 42.5, 54, 27),
            "deposit": Box(62, 42.5, 56, 27),
            "where": Box(124, 3, 62, 60),
        },
    ),
    "data": Module(WIDTH, 7, {"title": Box(0, 1, 110, 6)}),
    "single": Module(
        WIDTH,
        57,
        {
            "data-title": Box(0, 2, 88, 7),
            "due": Box(90, 2, 100, 7),
            "help": Box(33, 15.5, 25, 27),
            "names": Box(62, 11, 70, 46),
            "values": Box(136, 11, 54, 42),
        },
        {"qr": _code(QUIET_ZONE, 15.5)},
    ),
    "pair": Module(
        PAIR,
        58,
        {
            "title": Box(0, 1.5, 40, 5),
            "due": Box(40, 1.5, 52, 5),
            "creditor": Box(0, 7, 45, 12.4),
            "addressee": Box(47, 7, 45, 12.4),
            "subject": Box(0, 19.4, 92, 9),
            "amount": Box(32, 28.6, 30, 7.4),
            "cbill": Box(64, 28.6, 28, 7.4),
            "number": Box(32, 36.2, 60, 7.4),
            "entity": Box(32, 43.8, 60, 7.4),
            "help": Box(32, 51.4, 60, 6.4),
        },
        {"qr": _code(QUIET_ZONE, 31.6)},
    ),
    "triple": Module(
        TRIPLE,
        72,
        {
            "title": Box(0, 1.5, 18, 5),
            "due": Box(18, 1.5, TRIPLE - 18, 5),
            "creditor": Box(0, 6.8, TRIPLE, 12),
            "subject": Box(0, 18.8, TRIPLE, 12),
            "number": Box(0, 30.8, TRIPLE, 7.4),
            "amount": Box(31.3, 38.4, 28, 7.4),
            "cbill": Box(31.3, 45.8, 28, 7.4),
            "entity": Box(31.3, 53.2, 28, 7.4),
            "help": Box(31.3, 60.8, 28, 11),
        },
        {"qr": _code(QUIET_ZONE, 42)},
    ),
    "many": Module(
        TRIPLE,
        49,
        {
            "title": Box(0, 1.5, 18, 5),
            "due": Box(18, 1.5, TRIPLE - 18, 5),
            "number": Box(0, 7.4, TRIPLE, 7.4),
            "amount": Box(31.3, 15, 28, 7.4),
            "cbill": Box(31.3, 22.4, 28, 7.4),
            "entity": Box(31.3, 29.8, 28, 7.4),
            "help": Box(31.3, 37.4, 28, 11),
        },
        {"qr": _code(QUIET_ZONE, 19)},
    ),
    **_POSTAL,
}
ONE["fine-single"] = ONE["single"]
ONE["fine"] = ONE["pair"].lowered(5, title=Box(0, 1.5, PAIR, 5), due=Box(0, 6.5, PAIR, 5))

TWO: Final[dict[str, Module]] = {
    "header": Module(
        WIDTH,
        LOGO_SIDE,
        {
            "title": Box(0, 0, 150, 14.5),
            "subject": Box(0, 15.5, 150, 14.5),
            "logo": Box(WIDTH - LOGO_SIDE, 0, LOGO_SIDE, LOGO_SIDE),
        },
    ),
    "parties": Module(
        WIDTH,
        37,
        {
            "creditor-title": Box(0, 0, 45, 9.5),
            "creditor-code": Box(45, 0, 47, 9.5),
            "creditor": Box(0, 9.5, 92, 27.5),
            "addressee-title": Box(98, 0, 45, 9.5),
            "addressee-code": Box(143, 0, 47, 9.5),
            "addressee": Box(98, 9.5, 92, 27.5),
        },
    ),
    "pay": Module(WIDTH, 64, {"how-much": Box(4, 3, 84, 60), "where": Box(98, 3, 88, 60.5)}),
    "fine-pay": Module(
        WIDTH,
        101,
        {
            "heading": Box(4, 3, 114, 9.5),
            "discounted": Box(4, 13, 54, 27),
            "reduced": Box(62, 13, 56, 27),
            "choose": Box(4, 41, 114, 14),
            "terms": Box(4, 55.5, 46, 44.5),
            "deposit": Box(54, 55.5, 64, 44.5),
            "where": Box(124, 3, 62, 92),
        },
    ),
    "data": Module(WIDTH, 7, {"title": Box(0, 1, 150, 6)}),
    "single": Module(
        WIDTH,
        64,
        {
            "data-title": Box(0, 2, 98, 7),
            "due": Box(98, 2, 92, 7),
            "help": Box(33, 15.5, 25, 46),
            "names": Box(62, 11, 70, 53),
            "values": Box(136, 11, 54, 52),
        },
        {"qr": _code(QUIET_ZONE, 15.5)},
    ),
    "pair": Module(
        PAIR,
        75,
        {
            "title": Box(0, 1.5, 40, 5),
            "due": Box(40, 1.5, 52, 5),
            "creditor": Box(0, 7, 45, 14.6),
            "addressee": Box(47, 7, 45, 14.6),
            "subject": Box(0, 21.6, 92, 11.6),
            "amount": Box(32, 33.4, 30, 10),
            "cbill": Box(64, 33.4, 28, 10),
            "number": Box(32, 43.4, 60, 10),
            "entity": Box(32, 53.4, 60, 10),
            "help": Box(32, 63.6, 60, 11.4),
        },
        {"qr": _code(QUIET_ZONE, 36.6)},
    ),
    "triple": Module(
        TRIPLE,
        90,
        {
            "title": Box(0, 1.5, 18.8, 8),
            "due": Box(19, 1.5, TRIPLE - 19, 5),
            "creditor": Box(0, 10, TRIPLE, 14.2),
            "subject": Box(0, 24.2, TRIPLE, 14.2),
            "number": Box(0, 38.4, TRIPLE, 9.2),
            "amount": Box(31.3, 48.4, 28, 10),
            "cbill": Box(31.3, 58.4, 28, 10),
            "entity": Box(31.3, 68.4, 28, 10),
            "help": Box(0, 79, TRIPLE, 11),
        },
        {"qr": _code(QUIET_ZONE, 50.8)},
    ),
    "many": Module(
        TRIPLE,
        62,
        {
            "title": Box(0, 1.5, 18.8, 8),
            "due": Box(19, 1.5, TRIPLE - 19, 5),
            "number": Box(0, 10, TRIPLE, 9.4),
            "amount": Box(31.3, 20, 28, 10),
            "cbill": Box(31.3, 30, 28, 10),
            "entity": Box(31.3, 40, 28, 10),
            "help": Box(0, 50.8, TRIPLE, 11),
        },
        {"qr": _code(QUIET_ZONE, 22.6)},
    ),
    **_POSTAL,
}
TWO["fine"] = TWO["pair"].lowered(9, title=Box(0, 1.5, PAIR, 5), due=Box(0, 6.5, PAIR, 9))
TWO["fine-single"] = TWO["single"].lowered(7, **{"data-title": Box(0, 2, 48, 14), "due": Box(50, 2, 140, 14)})


def style_sheet() -> str:
    """The rules that put everything in its place: modules on the sheet, boxes in their modules."""
    rules = [f".{across(x)}{{left:{x:g}mm}}" for x in sorted({x for row in COLUMNS.values() for x in row})]
    rules += [
        f".{down(step * STEP)}{{top:{step * STEP:g}mm}}" for step in range(int(MARGIN / STEP), int(BOTTOM / STEP))
    ]
    for table, modules in (("one", ONE), ("two", TWO)):
        for name, module in modules.items():
            rules.append(f".{table} .{name}{{width:{module.w:g}mm;height:{module.h:g}mm}}")
            rules += [f".{table} .{name} .{text}{{{box.css()}}}" for text, box in module.boxes.items()]
    return "\n".join(rules)


def across(x: float) -> str:
    """The name of a place from the left."""
    return f"x{round(x * 100)}"


def down(y: float) -> str:
    """The name of a place from the top."""
    return f"y{round(y / STEP)}"
