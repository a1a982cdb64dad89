"""What each signal about a document says, what it does not prove, and the rule that it follows. Data."""

from dataclasses import dataclass
from typing import Any, Final

from shared.contracts.registrations import Signal, SignalCode, Strength


@dataclass(frozen=True)
class Words:
    """The constant part of a signal, in plain words."""

    rule: str
    says: str
    does_not_prove: str


_PASSIVE: Final = "ICAO Doc 9303-11, section 5.1 (passive authentication)"
_SEAL: Final = "ICAO Doc 9303-13 (visible digital seals)"
_ONE_BEARER: Final = "ICAO Doc 9303-3 and -10: page, zone and chip state the same bearer"

WORDS: Final[dict[SignalCode, Words]] = {
    SignalCode.PAGE_MRZ_MISMATCH: Words(
        "ICAO Doc 9303-3: a document has one zone",
        "The zone that was sent and the zone on the photo of the page say different things.",
        "Alteration: a reader, a typist or our reading of the photo may have got a character wrong.",
    ),
    SignalCode.CHIP_UNREADABLE: Words(
        "ICAO Doc 9303-10, section 4",
        "What is said to come from the chip is not laid out as the standard says.",
        "Forgery: a broken chip, a cut-off reading or a reader's fault look the same.",
    ),
    SignalCode.CHIP_SIGNATURE_WRONG: Words(
        _PASSIVE,
        "The chip's data carry a signature that does not fit them.",
        "Who changed what: damaged data fail too. Read the chip again before anything else.",
    ),
    SignalCode.CHIP_CHAIN_WRONG: Words(
        _PASSIVE,
        "The chip's signer names an authority that is on file, and that authority did not issue it.",
        "That the document is false in what it states: a state may have renewed its authority under the same name.",
    ),
    SignalCode.CHIP_SIGNER_REVOKED: Words(
        "ICAO Doc 9303-12, section 7.1.4 (certificate revocation lists); RFC 5280",
        "The chip's signer, or its authority, is on the authority's own list of revoked certificates.",
        "That this document is false: a lost key revokes all that it signed, the genuine with the forged.",
    ),
    SignalCode.CHIP_DATA_ALTERED: Words(
        _PASSIVE,
        "A data group of the chip is not the one that the issuing state signed.",
        "That the bearer did it or knew; nor, where only the portrait fails, that the dates are false.",
    ),
    SignalCode.CHIP_DATA_UNSIGNED: Words(
        _PASSIVE,
        "A data group was sent that the issuing state's signature does not cover.",
        "Forgery: the reading may be of another document.",
    ),
    SignalCode.CHIP_AUTHORITY_UNKNOWN: Words(
        _PASSIVE,
        "The authority that issued the chip's signer is not on file, so nobody could tell whether it is genuine.",
        "That the document is forged: it only says that a certificate is missing here.",
    ),
    SignalCode.CHIP_SIGNER_EXPIRED: Words(
        _PASSIVE,
        "The certificate of the chip's signer is not valid today.",
        "Forgery: signers outlive their documents, but states have been late.",
    ),
    SignalCode.CHIP_DATA_MISMATCH: Words(
        _ONE_BEARER,
        "The chip and the page, or what was typed, say different things.",
        "Which of them is true; typing is the commonest cause where only the typed data differ.",
    ),
    SignalCode.SEAL_UNREADABLE: Words(
        _SEAL,
        "What is said to be a visible digital seal is not laid out as one.",
        "Forgery: a bar code that was read badly looks the same.",
    ),
    SignalCode.SEAL_SIGNATURE_WRONG: Words(
        _SEAL,
        "The seal's signature does not fit its content.",
        "Who changed what. Read the bar code again before anything else.",
    ),
    SignalCode.SEAL_SIGNER_UNKNOWN: Words(
        _SEAL,
        "The certificate that the seal names is not on file, so nobody could tell whether it is genuine.",
        "That the document is forged: it only says that a certificate is missing here.",
    ),
    SignalCode.SEAL_DATA_MISMATCH: Words(
        _SEAL,
        "The seal and the page, or what was typed, say different things.",
        "Which of them is true.",
    ),
    SignalCode.BIRTH_RECORD_MISMATCH: Words(
        "UN CRC Art. 7 and 8: the birth record is the first record of a person's age",
        "The birth record and the other papers, or what was typed, say different things.",
        "Which is true: records are written late, in other calendars and by people who cannot ask the bearer.",
    ),
    SignalCode.DOCUMENT_EXPIRED: Words(
        "ICAO Doc 9303-4, section 4.1.1 (date of expiry)",
        "The document is past its date.",
        "Anything about the bearer: an expired passport still says who somebody is.",
    ),
    SignalCode.DOCUMENT_DATES_IMPOSSIBLE: Words(
        "ICAO Doc 9303-3, section 4.8 (dates); no state of the region issues for more than ten years (unconfirmed)",
        "The dates of the document cannot all be true.",
        "Forgery: a typing error in one date does this too.",
    ),
    SignalCode.DOCUMENT_NUMBER_FORMAT: Words(
        "services/registry/documents/number_formats.csv: shapes of numbers by issuer, from memory, unconfirmed",
        "The number does not have a shape that is known of this issuer.",
        "Forgery: issuers change their numbers, and our list is not confirmed.",
    ),
    SignalCode.DOCUMENT_REPORTED_LOST: Words(
        "INTERPOL's Stolen and Lost Travel Documents: a list of documents, not of people",
        "A document of this issuer and number is on a list of lost, stolen or invalid ones.",
        "That the bearer took it: people find papers that they reported, and report papers that an employer keeps.",
    ),
    SignalCode.PORTRAIT_REUSED: Words(
        "one picture, one bearer: ICAO Doc 9303-3, section 3.9 (portraits are of the bearer, and recent)",
        "The very picture on this document is on the document of a registration of what looks like another person.",
        "Which of them it shows, or that either knew: a studio or an agency may have mixed pictures up.",
    ),
}


def signal(code: SignalCode, strength: Strength, **evidence: Any) -> Signal:
    """A signal with its words.

    Args:
        evidence: what was compared; values or digests.
    """
    words = WORDS[code]
    return Signal(
        code=code,
        strength=strength,
        evidence=evidence,
        rule=words.rule,
        says=words.says,
        does_not_prove=words.does_not_prove,
    )
