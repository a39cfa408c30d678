"""The letters of a font: their glyphs, how wide they are, how near each other they stand.

Read from the very font files that WeasyPrint embeds. A face of a size answers with the operators of the page and with
the width in the units and with the roundings of Pango, so that what is filled in is what would have been printed.
"""

import unicodedata
from functools import cached_property
from io import BytesIO
from typing import Any, Final

from fontTools.ttLib import TTFont

from payments.notices.filler.trace import Unshapeable

# Pango measures in 1024ths of a CSS pixel.
UNITS: Final = 1024
# Substitutions that a text engine applies without being asked: fonts that have them are not for this engine.
AUTOMATIC: Final = frozenset({"ccmp", "liga", "clig", "calt", "rlig", "rclt", "rvrn", "init", "medi", "fina", "isol"})
POSITIONING: Final = frozenset({"kern"})
PAIRS, EXTENSION = 2, 9


class Face:
    """A font file."""

    def __init__(self, file: bytes) -> None:
        font = TTFont(BytesIO(file))
        self._order: dict[str, int] = font.getReverseGlyphMap()
        self._cmap: dict[int, str] = font.getBestCmap()
        self._advances: dict[str, int] = {name: width for name, (width, _) in font["hmtx"].metrics.items()}
        self.upem: int = font["head"].unitsPerEm
        _only_simple_features(font)
        self._pairs = _pair_tables(font)

    def glyph(self, character: str) -> str:
        """The name of the glyph. Raises Unshapeable for what this engine does not write."""
        name = self._cmap.get(ord(character))
        if name is None or not simple(character):
            raise Unshapeable(f"U+{ord(character):04X}")
        return name

    def number(self, glyph: str) -> int:
        """The glyph's number in the file."""
        return self._order[glyph]

    def advance(self, glyph: str) -> int:
        """Width in font units."""
        return self._advances[glyph]

    def kerning(self, left: str, right: str) -> int:
        """How much nearer (negative) two glyphs stand, in font units."""
        for table in self._pairs:
            if left not in table.Coverage.glyphs:
                continue
            if table.Format == 1:
                pair_set = table.PairSet[table.Coverage.glyphs.index(left)]
                for record in pair_set.PairValueRecord:
                    if record.SecondGlyph == right:
                        return _x_advance(record.Value1)
                continue
            first = table.ClassDef1.classDefs.get(left, 0)
            second = table.ClassDef2.classDefs.get(right, 0)
            return _x_advance(table.Class1Record[first].Class2Record[second].Value1)
        return 0


def simple(character: str) -> bool:
    """Whether one letter is one glyph, written from left to right, whatever stands beside it."""
    if character in " \N{NO-BREAK SPACE}":
        return True
    kind = unicodedata.category(character)
    if kind[0] not in "LNPS" or kind in ("Lm", "Lo", "Sk"):
        return character in "ªº"
    return kind[0] != "L" or unicodedata.name(character, "").startswith("LATIN ")


class SizedFace:
    """A face at a size in CSS pixels; `resource` is its name in the page's resources."""

    def __init__(self, face: Face, resource: str, size: float) -> None:
        self.face, self.resource, self.size = face, resource, size
        # As HarfBuzz scales: a 16.16 factor, rounded to the nearest unit.
        self._factor = (round(size * UNITS) << 16) // face.upem
        self._pieces = _Pieces(self)

    def shaped(self, text: str) -> tuple[str, int]:
        """The operand of TJ and the width in Pango units. Raises Unshapeable."""
        pieces = self._pieces
        found = [pieces[pair] for pair in map(str.__add__, text, text[1:] + "\0")]
        shown = "".join([piece[0] for piece in found])
        return f"<{shown}>".removesuffix("<>"), sum([piece[1] for piece in found])

    def width(self, pair: str) -> int:
        """Width of a letter, in Pango units, before the one that follows (NUL at the end of a line)."""
        return self._pieces[pair][1]

    def piece(self, pair: str) -> tuple[str, int]:
        """A letter, knowing which comes next: its glyph with the correction after it, and its width."""
        face = self.face
        left = face.glyph(pair[0])
        advance = self._scaled(face.advance(left))
        shown = f"{face.number(left):04x}"
        width = advance
        if pair[1] != "\0":
            width += self._scaled(face.kerning(left, face.glyph(pair[1])))
        # The page knows widths in thousandths of the size: the rest is said between one glyph and the next.
        correction = int(round(advance * 1000 / UNITS / self.size) - width * 1000 / UNITS / self.size)
        return (f"{shown}>{correction}<" if correction else shown), width

    def _scaled(self, value: int) -> int:
        return (value * self._factor + 32768) >> 16

    @cached_property
    def operator(self) -> bytes:
        """The operator that chooses the face."""
        return f"/{self.resource} {number(self.size)} Tf".encode()


class _Pieces(dict[str, tuple[str, int]]):
    """Pairs of letters met so far: a language has few."""

    def __init__(self, sized: SizedFace) -> None:
        self._sized = sized

    def __missing__(self, pair: str) -> tuple[str, int]:
        self[pair] = self._sized.piece(pair)
        return self[pair]


def lightened(file: bytes) -> bytes:
    """A font file without what only a text engine needs: the page says where each glyph stands."""
    font = TTFont(BytesIO(file), recalcTimestamp=False)
    for table in {"GPOS", "GSUB", "GDEF", "STAT"} & set(font.keys()):
        del font[table]
    font["post"].formatType = 3.0
    light = BytesIO()
    font.save(light)
    return light.getvalue()


def number(value: float) -> str:
    """A number as the page writes it: at most six decimals, none if whole."""
    return str(int(value)) if float(value).is_integer() else f"{value:f}".rstrip("0")


def _only_simple_features(font: TTFont) -> None:
    """Raise Unshapeable for a font whose letters change with their neighbours in ways not handled here."""
    for tag, known in (("GSUB", frozenset[str]()), ("GPOS", POSITIONING)):
        features = {record.FeatureTag for record in font[tag].table.FeatureList.FeatureRecord} if tag in font else set()
        unknown = features & AUTOMATIC if tag == "GSUB" else features - known
        if unknown:
            raise Unshapeable(f"the font has {', '.join(sorted(unknown))}")


def _pair_tables(font: TTFont) -> list[Any]:
    if "GPOS" not in font:
        return []
    table = font["GPOS"].table
    wanted = {index for record in table.FeatureList.FeatureRecord for index in record.Feature.LookupListIndex}
    found = []
    for index in sorted(wanted):
        for subtable in table.LookupList.Lookup[index].SubTable:
            real = subtable.ExtSubTable if subtable.LookupType == EXTENSION else subtable
            if real.LookupType != PAIRS:
                raise Unshapeable("the font positions letters in ways other than pairs")
            found.append(real)
    return found


def _x_advance(value: Any) -> int:
    return getattr(value, "XAdvance", 0) or 0 if value is not None else 0
