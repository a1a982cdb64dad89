"""The chip of a travel document: its data groups, and passive authentication (ICAO Doc 9303, parts 10 to 12).

Field positions and tags are from memory of the 8th edition (2021), tested with documents that we made ourselves:
unconfirmed until a real document has been read.
"""

from shared.standards.epassport.groups import ChipDataError, read_face_images, read_mrz
from shared.standards.epassport.passive import ChipState, PassiveAuthentication, authenticate
from shared.standards.epassport.security_object import SecurityObject, read_security_object
from shared.standards.epassport.trust import CscaStore, TrustFileError, load_csca_files

__all__ = [
    "ChipDataError",
    "ChipState",
    "CscaStore",
    "PassiveAuthentication",
    "SecurityObject",
    "TrustFileError",
    "authenticate",
    "load_csca_files",
    "read_face_images",
    "read_mrz",
    "read_security_object",
]
