"""What a search is made with: the items of a request, or of a record, that its filter leaves."""

from collections.abc import Iterable, Sequence

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.refusals import NotHeldHereError, NothingToCompareError, NotSupportedError
from services.biometrics.templates.extraction import Extractor
from services.biometrics.templates.features import Features
from shared.contracts.osia import (
    BiometricData,
    Filter,
    IdentifyRequest,
    VerifyFromBioRequest,
    VerifyFromIdRequest,
)


def check_filter(wanted: Filter) -> None:
    """Refuse a filter on what this service does not know.

    Raises:
        NotHeldHereError: any key but biometricType.
    """
    if wanted.model_extra:
        raise NotHeldHereError("filter: only biometricType; no biographic data is held here")


def check_plain(request: IdentifyRequest | VerifyFromIdRequest | VerifyFromBioRequest) -> None:
    """Refuse encrypted or signed requests.

    Raises:
        NotSupportedError: it is one.
    """
    if request.encryption or request.integrity:
        raise NotSupportedError("encryption and integrity are not supported yet")


async def items_of(
    extractor: Extractor, data: Sequence[BiometricData], field: str, wanted: Filter | None = None
) -> list[EnrolledItem]:
    """The comparable items of a request; every item is checked, also those that the filter leaves out.

    Raises:
        RefusedRequestError: an item that cannot be used, or none that can be compared.
    """
    extracted = await extractor.extract_all(data, field)
    items = [
        EnrolledItem("", features, item.biometricSubType, item.instance)
        for item, found in zip(data, extracted, strict=True)
        if found is not None and _passes(found.features, wanted)
        for features in (found.features, *found.by_former_models)
    ]
    if not items:
        raise NothingToCompareError(f"{field}: nothing to compare")
    return items


def features_of(
    encounters: Iterable[EnrolledEncounter], wanted: Filter, others: Sequence[Features] = ()
) -> list[Features]:
    """The comparable items of a record.

    Args:
        encounters: of the record.
        wanted: which modalities.
        others: what its images give besides what is kept.

    Raises:
        NothingToCompareError: there is none.
    """
    items = [item.features for encounter in encounters for item in encounter.items] + [*others]
    features = [each for each in items if _passes(each, wanted)]
    if not features:
        raise NothingToCompareError("the record holds nothing to compare")
    return features


def _passes(features: Features, wanted: Filter | None) -> bool:
    return wanted is None or wanted.biometricType is None or features.biometric_type in wanted.biometricType
