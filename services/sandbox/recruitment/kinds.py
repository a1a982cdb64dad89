"""What is planted, how often, and what only looks like it. Data; the shares are our judgement."""

from enum import StrEnum
from typing import Final

from shared.contracts.red_flags import FlagRule

PLANTED_SHARE: Final = 0.02
"""Of agencies, and of employers, for each rule."""


class Near(StrEnum):
    """What looks like a red flag and is none."""

    FAMILY = "family"
    TRAINING_CENTRE = "training_centre"
    VILLAGE_PHONE = "village_phone"
    GROUP_LEADER = "group_leader"
    LEADER_TWICE = "leader_twice"
    AIRPORT_OFFICER = "airport_officer"
    MISTYPED = "mistyped"
    OWN_COSTS = "own_costs"
    YOUNG = "young"
    TWICE_IN_OTHER_WORDS = "twice_in_other_words"
    COMPLAINT_THEN_TALK = "complaint_then_talk"
    LARGE_EMPLOYER = "large_employer"


NEAR: Final = {
    Near.FAMILY: (FlagRule.SHARED_CONTACT, "families of three to five with one telephone, half of them one account"),
    Near.TRAINING_CENTRE: (FlagRule.SHARED_CONTACT, "a training centre's telephone, given by workers of many agencies"),
    Near.VILLAGE_PHONE: (FlagRule.SHARED_CONTACT, "a village's telephone, given by four to nine workers of one agency"),
    Near.GROUP_LEADER: (FlagRule.ONE_HOLDER, "a leader who hands over a group's papers, on one day"),
    Near.LEADER_TWICE: (FlagRule.ONE_HOLDER, "the same leader with another group, weeks later"),
    Near.AIRPORT_OFFICER: (FlagRule.ONE_HOLDER, "a group with its papers in its own hands, enrolled by one officer"),
    Near.MISTYPED: (FlagRule.CONTRACT_SUBSTITUTION, "one contract in a hundred mistyped, one in five rounded"),
    Near.OWN_COSTS: (FlagRule.FEES_ABOVE_CAP, "passport and tests counted in, one amount in a hundred mistyped"),
    Near.YOUNG: (FlagRule.AGE_HEAPING, "an agency whose workers are all young, and true about it"),
    Near.TWICE_IN_OTHER_WORDS: (FlagRule.RETAINED_PASSPORTS, "one worker who complains twice, in other words"),
    Near.COMPLAINT_THEN_TALK: (FlagRule.RETAINED_PASSPORTS, "a complaint and the conversation that followed"),
    Near.LARGE_EMPLOYER: (FlagRule.COMPLAINTS_FROM_SEVERAL_MEMBERS, "hundreds of workers of whom few complain"),
}
"""By kind: the rule that it may mislead, and what it is."""
