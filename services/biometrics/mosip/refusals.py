"""Why a message is not served, in MOSIP's numbers."""

from shared.contracts.mosip import FailureReason


class MosipRefusedError(Exception):
    """A message is not served; nothing was changed.

    Attributes:
        reason: the number that is answered.
        detail: a sentence for the log, without content; MOSIP's answer has no place for it.
    """

    def __init__(self, reason: FailureReason, detail: str = "") -> None:
        super().__init__(detail or reason.name)
        self.reason = reason
        self.detail = detail


class CbeffError(MosipRefusedError):
    """A document that is no CBEFF, or holds what is not taken here."""

    def __init__(self, detail: str) -> None:
        super().__init__(FailureReason.BAD_CBEFF, detail)
