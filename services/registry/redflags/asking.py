"""What a flag of the employer makes worth asking in a conversation. Pure: it answers nothing and raises no lead."""

from collections.abc import Sequence

from services.registry.redflags.catalogue import RULES
from shared.contracts.assessments import Assessment
from shared.contracts.red_flags import InterviewFlag, InterviewFlags, RedFlag
from shared.standards.indicators.interview import questions_for
from shared.standards.indicators.rules import Answer


def what_to_ask(assessment: Assessment, flags: Sequence[RedFlag]) -> InterviewFlags:
    """The flags, each with those questions still to be asked that its indicators are about, in the guide's order.

    Safety and consent still come first; a question that was asked, or would only tell what is known, is left out.
    """
    told = {tick.code for tick in assessment.ticks if tick.answer is not Answer.UNKNOWN}
    child = assessment.child is Answer.YES
    left = list(questions_for(child=child, specialist=False, asked=assessment.asked, told=told))
    items = []
    for flag in flags:
        rule = RULES[flag.rule]
        ask = [question.code for question in left if question.informs.intersection(rule.informs)]
        items.append(
            InterviewFlag(
                rule=flag.rule,
                strength=flag.strength,
                points_to=rule.points_to,
                does_not_prove=rule.does_not_prove,
                ask=ask,
            )
        )
    return InterviewFlags(items=items)
