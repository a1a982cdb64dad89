"""Searches: the short list of each item of the probe, every comparison with who is on one, and the fused ranking."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.evidence import Calibration
from services.biometrics.identify.fusion import Comparison, Fused, candidate_threshold, fuse
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.matching import Matcher
from services.biometrics.templates.features import Features, FingerFeatures
from shared.contracts.osia import ALL_GALLERIES, BiometricSubType

SHORT_LIST: Final = 50
"""Items of each shelf that an item of the probe is compared with in full."""

_Scores = dict[tuple[int, str], float]


@dataclass(frozen=True)
class Found:
    """A person whom a search proposes.

    Attributes:
        person_id: of the candidate.
        fused: the evidence.
        threshold: score that was asked for.
    """

    person_id: str
    fused: Fused
    threshold: float


class Search:
    """One to many and one to one, over what is in memory. Made for worker threads: nothing here waits.

    Args:
        galleries: who is searched.
        matcher: compares.
        target_fpir: share of searches, of people who are not in a gallery, that may find somebody, where a search
            names no threshold.
    """

    def __init__(self, galleries: Galleries, matcher: Matcher, target_fpir: float) -> None:
        self._galleries = galleries
        self._matcher = matcher
        self._target_fpir = target_fpir

    def identify(
        self, gallery: str, probe: Sequence[Features], threshold: float | None, limit: int, without: str | None = None
    ) -> list[Found]:
        """Who in a gallery may be the person of the probe.

        A person is looked at when at least one item is on a short list and speaks for that person by itself; all other
        comparisons with that person are then made, so that what speaks against is heard too.

        Args:
            gallery: ALL for every one.
            probe: at least one item.
            threshold: score that a candidate reaches; None: what gives the target FPIR in a gallery of this size.
            limit: how many candidates at most.
            without: a person who is not answered.

        Returns:
            Candidates, strongest first; ties by person id.
        """
        if threshold is None:
            threshold = candidate_threshold(self._galleries.persons(gallery), self._target_fpir)
        found = [
            Found(person_id, self._fused(gallery, person_id, probe, scores), threshold)
            for person_id, scores in self._short_lists(gallery, probe).items()
            if person_id != without
        ]
        good = [each for each in found if each.fused.score >= threshold]
        return sorted(good, key=lambda each: (-each.fused.score, -each.fused.bans, each.person_id))[:limit]

    def verify(self, gallery: str, person_id: str, probe: Sequence[Features]) -> Fused:
        """The evidence that the probe is of a person, from that person's encounters in a gallery."""
        return self._fused(gallery, person_id, probe, {})

    def verify_items(self, probe: Sequence[Features], items: Iterable[EnrolledItem]) -> Fused:
        """The evidence that two sets that are not enrolled are of one person."""
        nowhere = EnrolledEncounter(0, "", "", frozenset(), tuple(items))
        return fuse(self._compare(ALL_GALLERIES, [nowhere], probe, {}), self._matcher.rarity)

    def _fused(self, gallery: str, person_id: str, probe: Sequence[Features], known: _Scores) -> Fused:
        encounters = self._galleries.of_person(gallery, person_id)
        return fuse(self._compare(gallery, encounters, probe, known), self._matcher.rarity)

    def _short_lists(self, gallery: str, probe: Sequence[Features]) -> dict[str, _Scores]:
        """Scores by (place in the probe, item key), of each person for whom an item speaks."""
        persons: defaultdict[str, _Scores] = defaultdict(dict)
        spoken_for: set[str] = set()
        for place, features in enumerate(probe):
            for key, score in self._galleries.nearest(gallery, features, SHORT_LIST, self._matcher.floor(features)):
                entry = self._galleries.item(key)
                if entry is None:
                    continue  # removed while we searched
                person_id = entry[0].person_id
                persons[person_id][place, key] = score
                if self._matcher.calibration(features, entry[1].features).bans(score) > 0:
                    spoken_for.add(person_id)
        return {person_id: persons[person_id] for person_id in sorted(spoken_for)}

    def _compare(
        self, gallery: str, encounters: Iterable[EnrolledEncounter], probe: Sequence[Features], known: _Scores
    ) -> list[Comparison]:
        comparisons = []
        for encounter in encounters:
            for item in encounter.items:
                for place, features in enumerate(probe):
                    score = known.get((place, item.key))
                    if score is None:
                        score = self._matcher.score(features, item.features)
                    if score is not None:
                        worth = self._matcher.calibration(features, item.features)
                        comparisons.append(_comparison(gallery, encounter, item, features, score, worth))
        return comparisons


def _comparison(
    gallery: str, encounter: EnrolledEncounter, item: EnrolledItem, probe: Features, score: float, worth: Calibration
) -> Comparison:
    searched = encounter.galleries if gallery == ALL_GALLERIES else {gallery}
    return Comparison(
        modality=item.features.biometric_type,
        score=score,
        evidence=worth.bans(score),
        model_id=worth.model_id,
        probe_position=_position(probe),
        position=_position(item.features),
        encounter_id=encounter.encounter_id or None,
        galleries=tuple(sorted(searched)) if encounter.encounter_id else (),
        sub_type=item.sub_type,
        instance=item.instance,
        extrapolated=worth.is_extrapolated(score),
    )


def _position(features: Features) -> BiometricSubType | None:
    return features.position if isinstance(features, FingerFeatures) else None
