"""What every room of the registry may ask for; what one room holds stands with its routes."""

from typing import Annotated

from shared.crypto.sealing import KeyRing
from shared.http.state import held

KeysDep = Annotated[KeyRing, held("sealing_keys")]
"""Opens and seals what is kept of people."""

DigestKeyDep = Annotated[bytes, held("digest_key")]
"""Makes a digest of what must be found again and not read."""
