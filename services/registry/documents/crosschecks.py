"""Page, chip, seal, birth record and typed data against each other. Pure."""

from collections.abc import Sequence

from services.registry.documents.statements import Statement, contradicted
from services.registry.documents.words import signal
from shared.contracts.registrations import Signal, SignalCode, Strength


def source_signal(
    code: SignalCode, one: Statement, others: Sequence[Statement], *, genuine: bool = False
) -> Signal | None:
    """Where a source says something else than the others.

    Args:
        code: of the signal.
        one: what the source states.
        others: what it is held against.
        genuine: whether the source is proven to be as its state signed it. Against a page, that is strong.
    """
    found = contradicted(one, others)
    if not found:
        return None
    papers = set(found) - {"typed"}
    strength = Strength.STRONG if genuine and papers else Strength.MEDIUM
    return signal(code, strength, source=one.source, genuine=genuine, differs_from=found)


def pages_signal(sent: Statement, seen: Statement, settled: int) -> Signal | None:
    """Where the zone that was sent is not the zone on the photo of the page.

    Args:
        settled: characters in doubt that check digits decided in our reading.
    """
    found = contradicted(sent, [seen])
    if not found:
        return None
    return signal(SignalCode.PAGE_MRZ_MISMATCH, Strength.WEAK, differs_from=found, settled=settled)
