"""What is said no to, in the standard's form: a number and a sentence. Knows no HTTP."""

from shared.contracts.osia import ErrorCode


class RefusedRequestError(Exception):
    """The request cannot be served as it is; nothing was changed. Its text is made to be shown to the caller."""

    code = ErrorCode.INVALID


class NotSupportedError(RefusedRequestError):
    """Something the standard offers and this service does not (yet) do: said, never passed over."""

    code = ErrorCode.NOT_SUPPORTED


class NotHeldHereError(RefusedRequestError):
    """Data about the person that this service must not know."""

    code = ErrorCode.NOT_HELD_HERE


class NotUsableError(RefusedRequestError):
    """A biometric item cannot be used: no face, too few minutiae, not an image."""

    code = ErrorCode.NOT_USABLE


class NothingToCompareError(RefusedRequestError):
    """No item of the request, or of the record, holds anything that can be searched with."""

    code = ErrorCode.NOTHING_TO_COMPARE


class UnknownRecordError(RefusedRequestError):
    """There is no such person or encounter; for operations of the standard that have no answer 404."""

    code = ErrorCode.UNKNOWN_RECORD
