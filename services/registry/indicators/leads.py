"""From the answers of many people to one lead, and whom it is for. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from shared.contracts.assessments import LeadStrength, LeadView, RuleView, TickView
from shared.standards.indicators.catalogue import IndicatorSet, catalogue
from shared.standards.indicators.rules import Answer, Lead, Person, Rule, weigh

CHILD_PROTECTION: Final = "child_protection"
VICTIM_SERVICES: Final = "victim_services"
ANTI_TRAFFICKING: Final = "anti_trafficking_unit"
LABOUR_INSPECTION: Final = "labour_inspection"

_ASKED_NEXT: Final = 10
_VIOLATIONS: Final = frozenset({"D4.01", "D4.04", "D4.05", "D4.08", "FL07", "FL08", "FL11", "D5.01"})
"""Wages, hours, contract, retention of documents: a matter of labour law whatever else it is."""


def standing_answers(ticks: Iterable[TickView]) -> tuple[Mapping[str, Answer], list[str]]:
    """What stands of all answers, and the codes on which people contradict each other.

    Somebody's later answer replaces their own earlier one, and nobody else's. A yes of anybody stands.
    """
    latest: dict[str, dict[str, Answer]] = defaultdict(dict)
    for tick in ticks:
        latest[tick.code][tick.by] = tick.answer
    standing = {}
    for code, answers in latest.items():
        said = set(answers.values())
        standing[code] = next(answer for answer in (Answer.YES, Answer.NO, Answer.UNKNOWN) if answer in said)
    contradicted = [code for code, answers in latest.items() if {Answer.YES, Answer.NO} <= set(answers.values())]
    return standing, sorted(contradicted)


def lead_of(ticks: Iterable[TickView], person: Person) -> LeadView:
    """The lead that all answers amount to, with its reasons."""
    answers, contradicted = standing_answers(ticks)
    lead = weigh(answers, person)
    return LeadView(
        strength=LeadStrength(lead.strength.name.lower()),
        rules=[_rule(rule) for rule in lead.fired],
        because=sorted(lead.because),
        contradicted=contradicted,
        positive=sorted(lead.positive),
        open=sorted(lead.open),
        ask_next=list(lead.ask_next[:_ASKED_NEXT]),
        refer_to=_refer_to(lead, person),
    )


def _refer_to(lead: Lead, person: Person) -> list[str]:
    """Whom a lead is for.

    Source: Luang Prabang paper 2019, objective C: a core indicator, a positive dimension or a child goes to the
    anti-trafficking unit and to victim services, a child to child protection first; violations of labour law to the
    labour inspectorate.
    """
    offices = [CHILD_PROTECTION] if person.child is Answer.YES else []
    core = any(catalogue()[code].of is IndicatorSet.SAP_FL for code in lead.because)
    if core or lead.positive or (person.child is Answer.YES and lead.because):
        offices += [VICTIM_SERVICES, ANTI_TRAFFICKING]
    if lead.because & _VIOLATIONS:
        offices.append(LABOUR_INSPECTION)
    return offices


def _rule(rule: Rule) -> RuleView:
    return RuleView(code=rule.code, kind=rule.kind, text=rule.text, source=rule.source, confirmed=rule.confirmed)
