"""How text is encoded: found from a file's first bytes, and made UTF-8 piece by piece. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

from monitoring.tables.formats import UTF8_MARK, UTF16_MARKS, UTF32_MARKS

UTF8 = "utf-8"
WESTERN = "cp1252"
_OTHER_SCRIPTS = ["cp1252", "cp1251", "koi8_r", "cp1253", "cp1255", "cp932", "gb18030", "big5", "euc_kr"]
"""What text that is no Unicode is tried as. Encodings of Latin letters cannot be told apart from a few names of
places, so the Western one is assumed for all of them, and said."""
_NOT_ASCII_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(rb"[\x80-\xff]{2,}")
_SAMPLE_BYTES = 1 << 14
_FEW = 8
_REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How text is encoded.

    Attributes:
        name: as Python calls it.
        mark: bytes of the byte order mark before the text.
        guessed: whether the bytes only suggest it: they are no Unicode, and without a mark.
    """

    name: str = UTF8
    mark: int = 0
    guessed: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether a character takes two bytes or four: what is broken there cannot be mended."""
        return self.name.startswith(("utf-16", "utf-32"))


def find_encoding(start: bytes, *, whole: bool, said: str | None = None) -> Encoding:
    """How the text that begins so is encoded.

    Args:
        start: its first bytes, the more the better.
        whole: whether that is all of it.
        said: what a person says it is.
    """
    marked = _marked(start)
    if said is not None:
        name = {"utf-8-sig": UTF8, "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(said, said)
        return marked if marked is not None and marked.name.startswith(name[:6]) else Encoding(name)
    if marked is not None:
        return marked
    wide = _wide_without_mark(start)
    if wide is not None:
        return wide
    if _mostly_utf8(start, whole=whole):
        return Encoding()
    return Encoding(_of_other_script(start), guessed=True)


def _marked(start: bytes) -> Encoding | None:
    for marks, name in ((UTF32_MARKS, "utf-32"), (UTF16_MARKS, "utf-16")):
        for mark, order in zip(marks, ("le", "be"), strict=True):
            if start.startswith(mark):
                return Encoding(f"{name}-{order}", len(mark))
    return Encoding(UTF8, len(UTF8_MARK)) if start.startswith(UTF8_MARK) else None


def _wide_without_mark(start: bytes) -> Encoding | None:
    """UTF-16 shows by its digits and delimiters, every second byte of which is NUL."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    few = len(start) // 20
    for name, nuls, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nuls > few and nuls > 10 * others:
            decoder = codecs.getincrementaldecoder(name)("strict")
            try:
                text = decoder.decode(start)
            except UnicodeDecodeError:
                return None
            return None if "\x00" in text else Encoding(name, guessed=False)
    return None


def _mostly_utf8(data: bytes, *, whole: bool) -> bool:
    """Whether bytes are UTF-8, but for fewer broken characters than whole ones beyond ASCII."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder(UTF8)("replace")
    text = decoder.decode(data, final=whole)
    broken = text.count(_REPLACED) - data.count(_REPLACED.encode())
    beyond = sum(not character.isascii() for character in text)
    return broken == 0 or beyond > 2 * broken


def _of_other_script(start: bytes) -> str:
    """The encoding of text that is no Unicode, told by its script.

    Letters of the West beyond ASCII stand alone among others; words of other scripts are made of nothing else.
    """
    lines = b"\n".join(match.group() for match in _NOT_ASCII_LINE.finditer(start))[:_SAMPLE_BYTES]
    name = WESTERN
    letters, in_words = len(_NOT_ASCII.findall(lines)), sum(map(len, _WORD.findall(lines)))
    if letters >= _FEW and 2 * in_words > letters:
        from charset_normalizer import from_bytes

        found = from_bytes(lines, cp_isolation=_OTHER_SCRIPTS).best()
        name = codecs.lookup(found.encoding).name if found is not None else WESTERN
    try:
        codecs.getincrementaldecoder(name)("strict").decode(start)
    except UnicodeDecodeError:
        return "latin-1" if name == WESTERN else WESTERN
    return name


class Transcoder:
    """Makes bytes of an encoding UTF-8, piece by piece; an empty piece is the end.

    `mended` tells whether characters had to be replaced. What is broken in UTF-16 and UTF-32 raises UnicodeDecodeError.
    """

    def __init__(self, encoding: Encoding) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding.name)("strict" if encoding.is_wide else "replace")
        self._strict = encoding.is_wide
        self.mended = False
        self.found = encoding.name

    def __call__(self, buffer: Any) -> bytes:
        """The next bytes as UTF-8."""
        piece = bytes(buffer)
        text = self._decoder.decode(piece, final=not piece)
        if not self._strict and not self.mended and _REPLACED in text:
            self.mended = True
        return text.encode(UTF8, "surrogatepass" if self._strict else "replace")


class Mender:
    """Lets UTF-8 through. At the first byte that is none it decides what the rest is.

    Where the piece holds more characters of UTF-8 than broken ones, the broken ones are replaced (`mended`), so that
    one bad cell loses no row; else the rest is read as Western text (`found`).
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder(UTF8)("strict")
        self._beyond = False
        self.mended = False
        self.found = UTF8

    def __call__(self, buffer: Any) -> bytes:
        """The next bytes, mended; an empty buffer is the end."""
        piece = bytes(buffer)
        before, _ = state = self._decoder.getstate()
        if self.found == UTF8 and piece.isascii() and piece and not before:
            return piece
        try:
            text = self._decoder.decode(piece, final=not piece)
            self._beyond = True
        except UnicodeDecodeError:
            if self._beyond or _mostly_utf8(before + piece, whole=not piece):
                self.mended = True
                self._decoder = codecs.getincrementaldecoder(UTF8)("replace")
                self._decoder.setstate(state)
            else:
                self.found = WESTERN
                self._decoder = codecs.getincrementaldecoder(WESTERN)("replace")
                piece = before + piece
            text = self._decoder.decode(piece, final=not piece)
        if self.found == WESTERN and not self.mended:
            self.mended = _REPLACED in text
        return text.encode()
