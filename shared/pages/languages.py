"""Languages that pages are read in: texts are marked where they stand, and catalogues are read at start."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES: Final = {"en": "English", "id": "Bahasa Indonesia", "th": "ไทย"}
"""Code and own name. English is what the pages are written in and needs no catalogue."""


def marked(text: str) -> str:
    """A text that is translated where it is shown; the catalogues are made from the arguments of this."""
    return text


def locale_of(language: str) -> Locale:
    """Babel's locale; English is written as most of the region does, day first."""
    return Locale("en", "GB") if language == "en" else Locale(language)


@cache
def catalogue(package: str, language: str) -> NullTranslations:
    """The translations of one language, from a package's folder `locale`.

    Raises:
        FileNotFoundError: there is no such catalogue.
    """
    if language == "en":
        return NullTranslations()
    text = files(package).joinpath("locale", f"{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale=language, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
