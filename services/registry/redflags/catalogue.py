"""Each rule in words: what it compares, what it points to and does not prove, and from when it is raised."""

from typing import Final

from services.registry.redflags import registered, reported
from services.registry.workers.heaping import FEWEST, TIMES
from shared.contracts.red_flags import FlagRule, RedFlagRule

_R = FlagRule

RULES: Final = {
    rule.rule: rule
    for rule in (
        RedFlagRule(
            rule=_R.CONTRACT_SUBSTITUTION,
            compares="The contract that workers registered with before departure, and the one they have on arrival.",
            points_to="Wages, hours, rest days, deductions or work that turn out worse than was signed.",
            does_not_prove="Who changed it, or that the worker did not agree; a clerk may have mistyped.",
            threshold=f"{registered.FEWEST_SUBSTITUTED} workers, and {registered.SHARE_SUBSTITUTED:.0%} of those whose "
            "two contracts are known: one or two may be errors, and large agencies have more of them.",
            informs=["FL02", "D1.03", "D1.08"],
        ),
        RedFlagRule(
            rule=_R.SHARED_CONTACT,
            compares="Keyed digests of workers' telephones and of the accounts that their wages go to.",
            points_to="Somebody who answers workers' calls or receives their wages in their place.",
            does_not_prove="Who that is: a family, a village or a training centre may share a telephone.",
            threshold=f"{registered.FEWEST_PHONE} workers of one agency with one telephone, or "
            f"{registered.FEWEST_ACCOUNT} with one account: families who migrate together are smaller. Of those who "
            f"gave it {registered.OWN_SHARE:.0%} must be this agency's: a training centre's is not.",
            informs=["FL04", "FL08", "D5.03", "D5.14"],
        ),
        RedFlagRule(
            rule=_R.ONE_HOLDER,
            compares="Who handed over the documents of workers who did not do so themselves.",
            points_to="Somebody who keeps the passports of many workers.",
            does_not_prove="That they are kept against the workers' will: leaders of groups carry papers on a journey.",
            threshold=f"{registered.FEWEST_HELD} workers of one agency, on {registered.DAYS_HELD} different days: who "
            "leads a group hands its papers over in one day. The officer who enrols them is not the holder.",
            informs=["FL07", "D2.03", "D5.01"],
        ),
        RedFlagRule(
            rule=_R.FEES_ABOVE_CAP,
            compares="What workers say to have paid with what their states let them be charged; complaints of fees.",
            points_to="Fees above what the law allows, and debts that come of them.",
            does_not_prove="Who took the money, or for what; the rules on file are unconfirmed.",
            threshold=f"{registered.FEWEST_ABOVE} workers or complaints, and {registered.SHARE_ABOVE:.0%} of those who "
            "said what they paid: single amounts are mistyped, or hold costs that workers bear anyway.",
            informs=["FL09", "D2.04"],
        ),
        RedFlagRule(
            rule=_R.AGE_HEAPING,
            compares="How many workers are within a year above the minimum age, with those of the other agencies.",
            points_to="Ages that are made up to pass.",
            does_not_prove="That any one worker is younger; an agency may recruit the young lawfully.",
            threshold=f"{FEWEST} workers; Fisher's exact test over all agencies at 1 % (Holm), and {TIMES} times the "
            "share of the others.",
            informs=[],
        ),
        RedFlagRule(
            rule=_R.RETAINED_PASSPORTS,
            compares="Complaints about retained passports, and what workers told labour inspection of their papers.",
            points_to="Passports that workers cannot have when they ask.",
            does_not_prove="That it was so: one worker may have complained twice in other words.",
            threshold=f"{reported.FEWEST_RETAINED} independent reports: a complaint and the conversation that followed "
            "are one, and so are all conversations with one worker.",
            informs=["FL07", "D5.01"],
        ),
        RedFlagRule(
            rule=_R.COMPLAINTS_FROM_SEVERAL_MEMBERS,
            compares="In how many member states workers complained about one party.",
            points_to="A way of dealing with workers that does not depend on one office or one group.",
            does_not_prove="That the complaints are about the same, or true; large employers have more of them.",
            threshold=f"{reported.FEWEST_COMPLAINTS} complaints in {reported.FEWEST_MEMBERS} member states. Which they "
            "are is not told.",
            informs=[],
        ),
    )
}
"""By rule."""
