"""The machine-readable zone of travel documents (ICAO Doc 9303, 8th edition, parts 3 to 7).

A correct check digit proves no document genuine: the weights are public. It finds careless alteration and
misreading.
"""

from shared.standards.mrz.alphabet import MrzFormatError, check_digit, transliterate
from shared.standards.mrz.dates import birth_interval, expiry_date
from shared.standards.mrz.layout import MrzFormat
from shared.standards.mrz.parse import CheckDigit, Mrz, parse_mrz
from shared.standards.mrz.write import name_field, write_mrz

__all__ = [
    "CheckDigit",
    "Mrz",
    "MrzFormat",
    "MrzFormatError",
    "birth_interval",
    "check_digit",
    "expiry_date",
    "name_field",
    "parse_mrz",
    "transliterate",
    "write_mrz",
]
