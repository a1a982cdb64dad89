"""What a desk sends of a draft: tokens in the place of captures, a drawn picture in the document, a chip.

A live photo and a print are tokens that say whose face and whose hands they are of, for nobody opens them; the
portrait on the document is a small JPEG of coloured noise, that says in its comment whose face it stands for.
"""

import random
from base64 import b64encode
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from PIL import Image

from services.sandbox.region.passports import Identity, write_passport
from services.sandbox.season.records import Body, Draft

POSITIONS: Final = ("right-index", "left-index")
_GRAIN, _SIZE = (24, 32), (96, 128)


@lru_cache(maxsize=64)
def picture(face: int, seed: str, quality: int = 85) -> bytes:
    """The file of a portrait; another seed is another photo."""
    noise = random.Random(f"picture {face} {seed}").randbytes(_GRAIN[0] * _GRAIN[1] * 3)
    image = Image.frombytes("RGB", _GRAIN, noise).resize(_SIZE, Image.Resampling.BICUBIC)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality, comment=f"face {face}")
    return buffer.getvalue()


def portrait_of(draft: Draft) -> bytes:
    """The picture in the passport of a draft's bearer."""
    return picture(draft.body.face, draft.identity.passport)


def request_of(
    draft: Draft, *, zone: str | None = None, portrait: bytes | None = None, **changes: Any
) -> dict[str, Any]:
    """A draft as the API takes it.

    Args:
        zone: where it is not what the identity would have.
        portrait: where the passport shows something else.
        changes: fields of the request that differ, of the document under `document`.
    """
    identity = draft.identity
    origin, destination, sector = draft.corridor
    document = {
        "mrz": zone or write_passport(identity),
        "portrait": encode(portrait or portrait_of(draft)),
        **changes.pop("document", {}),
    }
    placement = {"destination": destination, "sector": sector, "start": f"{draft.start}", "agency": draft.agency}
    return {
        "name": identity.name.latin,
        "native_name": identity.name.native,
        "born": identity.birth.isoformat(),
        "sex": identity.sex,
        "nationality": origin,
        "document": document,
        "placement": placement,
        "notice": {"version": "1", "language": "en"},
        **captures(draft.body, draft.visit),
        **changes,
    }


def captures(body: Body, visit: int) -> dict[str, Any]:
    """The live photo and the prints of a body, or why a print is missing."""
    fingers = [{"position": position, **_finger(body, position, visit)} for position in POSITIONS]
    return {"photo": encode(f"face {body.face} visit {visit}".encode()), "fingers": fingers}


def chip_fields(chip: tuple[bytes, bytes, bytes]) -> dict[str, Any]:
    """DG1, DG2 and EF.SOD as fields of a document."""
    return {"chip": dict(zip(("dg1", "dg2", "sod"), map(encode, chip), strict=True))}


def altered(identity: Identity, years: int) -> Identity:
    """The identity with a birth date so many years earlier."""
    birth = identity.birth
    return replace(identity, birth=birth.replace(year=birth.year - years, day=min(birth.day, 28)))


def encode(octets: bytes) -> str:
    """Base64."""
    return b64encode(octets).decode()


def _finger(body: Body, position: str, visit: int) -> dict[str, str]:
    if body.hands is None:
        return {"exception": "AMPUTATED"}
    return {"image": encode(f"hands {body.hands} {position} visit {visit}".encode())}
