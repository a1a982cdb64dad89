"""Whatever anybody asks in whatever order: nothing adverse without two humans, and no child shown to anybody else."""

import asyncio
from collections import Counter, defaultdict
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.registry.adjudication.states import ADVERSE
from services.registry.adjudication.tables import AdjudicationRow
from services.registry.workers.tables import RegistrationRow
from shared.contracts.adjudication import Finding, Ground
from shared.contracts.caller import Purpose, Role
from shared.contracts.registrations import RegistrationState, SignalCode
from tests.conftest import MakeDeployment
from tests.registry.hall import (
    BEST,
    DESK,
    LABOUR,
    SUPPORT,
    Hall,
    Who,
    adjudicator,
    child_possible,
    document_of,
    likeness,
    open_hall,
    protector,
)

PROTECTORS = [protector(number) for number in (1, 2, 3)]
OTHERS = [
    *(adjudicator(number) for number in (1, 2, 3)),
    DESK,
    LABOUR,
    SUPPORT,
    Who("system", Role.MEMBER_SYSTEM, Purpose.ADJUDICATION),
    Who("auditor", Role.AUDITOR, Purpose.AUDIT),
    Who("police", Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION),
]
PEOPLE = st.sampled_from([*PROTECTORS, *OTHERS, *OTHERS[:3] * 2])
HEARINGS = st.tuples(
    st.permutations(OTHERS[:3]), st.sampled_from(["SAME_PERSON_TRUE_ELSEWHERE", "SAME_IDENTITY"])
) | st.tuples(st.permutations(PROTECTORS), st.sampled_from(["CHILD", "ADULT"]))
STEPS = {
    "claim": ("POST", "{case}/claim", {}),
    "claim next": ("POST", "/v1/adjudications/claims", {}),
    "best interests": ("POST", "{case}/best-interests", BEST),
    "reopen": ("POST", "{case}/reopening", {"reason": "Again."}),
    "paper": ("POST", "{case}/papers", {"paper": "PASSPORT"}),
    "appeal": ("POST", "/v1/registrations/{registration}/appeal", {"reason": "It is not me."}),
    "show": ("POST", "/v1/registrations/{registration}/papers", {"paper": "PASSPORT"}),
    "withdraw": ("POST", "/v1/registrations/{registration}/withdrawal", {"reason": "My wish."}),
    "presume": ("PUT", "/v1/registrations/{registration}/victim-status", {"status": "PRESUMED", "reason": "Told."}),
    "end": ("PUT", "/v1/registrations/{registration}/victim-status", {"status": "ENDED", "reason": "Told."}),
}
RARELY = st.sampled_from([False, False, False, True])
REGISTRARS = st.sampled_from(["desk", "desk", "adjudicator-1", "protector-1"])
FINDINGS = st.sampled_from(["SAME_PERSON_TRUE_ELSEWHERE", "SAME_IDENTITY", "CHILD", "ADULT", *Finding])
GROUNDS = st.sets(st.sampled_from([Ground.FACE_AGE_ESTIMATE, Ground.BIRTH_RECORD]), min_size=1)
LASTING = {
    RegistrationState.VERIFIED,
    RegistrationState.REJECTED,
    RegistrationState.MERGED,
    RegistrationState.PROTECTED,
}
ABSENT_CASE, ABSENT = f"/v1/adjudications/A{'0' * 24}", f"/v1/registrations/R{'0' * 24}"


class Court(RuleBasedStateMachine):
    """People who ask anything of registrations of one person under several names, one of them perhaps a child."""

    runner: ClassVar[asyncio.Runner]
    hall: ClassVar[Hall]
    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.registrations: list[str] = []
        self.entered: dict[str, str] = {}
        self.votes: dict[tuple[str, int, str, str | None], set[str]] = defaultdict(set)

    def ask(self, who: Who, method: str, path: str, body: Any = None) -> Any:
        return self.runner.run(self.hall.ask(who, method, path, body))

    def pick(self, index: int) -> str:
        return self.registrations[index % len(self.registrations)]

    def rows(self) -> list[tuple[RegistrationRow, AdjudicationRow | None]]:
        async def read() -> list[tuple[RegistrationRow, AdjudicationRow | None]]:
            query = (
                sa.select(RegistrationRow, AdjudicationRow)
                .outerjoin(AdjudicationRow, AdjudicationRow.registration_seq == RegistrationRow.seq)
                .where(RegistrationRow.id.in_(self.registrations))
            )
            async with self.hall.database.read() as session:
                return [(row, case) for row, case in await session.execute(query)]

        return self.runner.run(read())

    def case_path(self, registration: str) -> str:
        cases = [case.id for row, case in self.rows() if row.id == registration and case is not None]
        return f"/v1/adjudications/{cases[0]}" if cases else ABSENT_CASE

    @initialize(entered_by=REGISTRARS, child=RARELY)
    def two_registrations(self, entered_by: str, child: bool) -> None:
        self.register("desk", False)
        self.register(entered_by, child)

    @rule(entered_by=REGISTRARS, child=RARELY)
    def register(self, entered_by: str, child: bool) -> None:
        if len(self.registrations) >= 4:
            return
        seen = tuple(likeness(each, "name") for each in self.registrations[-1:])
        signals = (child_possible(),) if child else ()
        born = "2012" if child else "1996"
        made = self.runner.run(self.hall.checked(*signals, candidates=seen, client=entered_by, born=born))
        self.registrations.append(made)
        self.entered[made] = entered_by

    @rule(index=st.integers(0, 3), child=RARELY)
    def check_again(self, index: int, child: bool) -> None:
        registration = self.pick(index)
        if any(row.id == registration and row.state == RegistrationState.WITHDRAWN for row, _ in self.rows()):
            return
        others = [each for each in self.registrations if each != registration]
        signals = (child_possible("mrz"),) if child else (document_of(*others[:1]),)
        self.runner.run(self.hall.check(registration, *signals, candidates=(likeness(others[-1], "name"),)))

    @rule(hearing=HEARINGS, count=st.integers(1, 3))
    def hear(self, hearing: tuple[list[Who], str], count: int) -> None:
        """Likely to count: several on one registration, one after the other, with the same finding."""
        for who in hearing[0][:count]:
            self.judge(who, hearing[1])

    def judge(self, who: Who, finding: str) -> None:
        child = finding in {"CHILD", "ADULT"}
        if child:
            self.write_what_is_best(who, 1)
        self.decide(who, 1, -1 if child else 0, finding, {Ground.BIRTH_RECORD}, claims=True)

    @rule(
        who=PEOPLE,
        index=st.integers(0, 3),
        other=st.integers(0, 4),
        finding=FINDINGS,
        grounds=GROUNDS,
        claims=st.booleans(),
    )
    def decide(self, who: Who, index: int, other: int, finding: str, grounds: set[Ground], claims: bool) -> None:
        registration = self.pick(index)
        path, about = self.case_path(registration), [*self.registrations, None][other % (len(self.registrations) + 1)]
        if claims:
            self.ask(who, "POST", f"{path}/claim", {})
        rounds = [case.round for row, case in self.rows() if row.id == registration and case is not None]
        body = {"finding": finding, "other": about, "grounds": sorted(grounds), "reason": "As seen."}
        if self.ask(who, "POST", f"{path}/decision", body).status_code == 200:
            assert grounds != {Ground.FACE_AGE_ESTIMATE}
            assert who.role in {Role.ADJUDICATOR, Role.CHILD_PROTECTION}
            assert who.name not in {self.entered[registration], self.entered.get(about or "")}
            self.votes[registration, rounds[0], finding, about].add(who.name)

    def write_what_is_best(self, who: Who, index: int) -> None:
        self.ask(who, "POST", f"{self.case_path(self.pick(index))}/best-interests", BEST)

    @rule(who=PEOPLE, index=st.integers(0, 3), step=st.sampled_from(sorted(STEPS)))
    def another_step(self, who: Who, index: int, step: str) -> None:
        """Anything else, by anybody, with whatever right."""
        method, path, body = STEPS[step]
        registration = self.pick(index)
        address = path.replace("{case}", self.case_path(registration)).replace("{registration}", registration)
        self.ask(who, method, address, body)

    @invariant()
    def what_lasts_rests_on_two_humans(self) -> None:
        for row, case in self.rows():
            self.reached[row.state] += 1
            if row.state in LASTING:
                assert case is not None
                assert case.finding is not None
                people = self.votes[row.id, case.round, case.finding, case.other]
                assert len(people) >= 2, (row.state, case.finding)

    @invariant()
    def a_childs_case_is_not_there_for_anybody_else(self) -> None:
        for row, case in self.rows():
            if not row.child_sealed or case is None:
                continue
            for who in OTHERS[:1]:
                assert self.ask(who, "GET", f"/v1/adjudications/{case.id}").content == (
                    self.ask(who, "GET", ABSENT_CASE).content
                )
                assert self.ask(who, "GET", f"/v1/registrations/{row.id}").content == (
                    self.ask(who, "GET", ABSENT).content
                )
                for lists in ("/v1/adjudications", "/v1/registrations"):
                    assert row.id not in self.ask(who, "GET", lists).text
            seen = self.ask(DESK, "GET", f"/v1/registrations/{row.id}").text
            assert '"PROVISIONAL"' in seen or '"WITHDRAWN"' in seen
            assert SignalCode.CHILD_POSSIBLE not in seen


def test_no_sequence_of_calls_harms_by_one_hand_or_shows_a_child(make_deployment: MakeDeployment) -> None:
    with asyncio.Runner() as runner:
        opened = open_hall(make_deployment("sqlite"))
        hall = runner.run(opened.__aenter__())
        try:
            run_state_machine_as_test(
                type("Hearing", (Court,), {"runner": runner, "hall": hall}),
                settings=settings(
                    max_examples=16,
                    stateful_step_count=18,
                    deadline=None,
                    phases=[Phase.generate, Phase.shrink],
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            assert ADVERSE & Court.reached.keys()  # else nothing was tried
        finally:
            runner.run(opened.__aexit__(None, None, None))
