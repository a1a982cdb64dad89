"""What the rules of issuing registers say of a number: form and check digits, as far as python-stdnum knows them."""

import re
from typing import Final, Protocol

from stdnum import lei
from stdnum.cn import ric, uscc
from stdnum.id import nik, npwp
from stdnum.jp import cn as jp_cn
from stdnum.kr import brn
from stdnum.my import nric
from stdnum.sg import uen
from stdnum.th import moa, pin, tin
from stdnum.tw import ubn
from stdnum.vn import mst

from shared.contracts.facts import PASSPORT_DIGEST, Validation


class NumberRule(Protocol):
    """A register's rule: python-stdnum's modules have this shape."""

    def is_valid(self, number: str) -> bool: ...


_ANYWHERE: Final = "*"

_RULES: Final[dict[tuple[str, str], tuple[NumberRule, ...]]] = {
    ("leiCode", _ANYWHERE): (lei,),
    ("idNumber", "my"): (nric,),
    ("idNumber", "id"): (nik,),
    ("idNumber", "th"): (pin,),
    ("idNumber", "cn"): (ric,),
    ("registrationNumber", "sg"): (uen,),
    ("registrationNumber", "th"): (moa,),
    ("registrationNumber", "vn"): (mst,),
    ("registrationNumber", "cn"): (uscc,),
    ("registrationNumber", "jp"): (jp_cn,),
    ("registrationNumber", "kr"): (brn,),
    ("registrationNumber", "tw"): (ubn,),
    ("taxNumber", "id"): (npwp, nik),
    ("taxNumber", "th"): (tin,),
    ("taxNumber", "sg"): (uen,),
    ("taxNumber", "vn"): (mst,),
    ("taxNumber", "cn"): (uscc,),
}
"""By property and country. Where a state has several numbers of a kind, one rule that it fits is enough.

Source: python-stdnum 2; an Indonesian's tax number is the NIK since 2024.
"""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def validate(name: str, country: str | None, value: str) -> Validation:
    """Whether a number fits its register's rule; UNVALIDATED where none is known. The value is never changed.

    Args:
        name: the property, as in FollowTheMoney.
        country: whose number it is, ISO 3166-1 alpha-2.
        value: as given.
    """
    if name == PASSPORT_DIGEST:
        return Validation.VALID if _DIGEST.fullmatch(value) else Validation.INVALID
    rules = _RULES.get((name, _ANYWHERE)) or _RULES.get((name, (country or "").lower()))
    if rules is None:
        return Validation.UNVALIDATED
    return Validation.VALID if any(rule.is_valid(value) for rule in rules) else Validation.INVALID
