"""What screening over member states adds to one register's answer."""

from pydantic import Field

from shared.contracts.caller import Member
from shared.contracts.screening import MatchResponse


class FederatedMatchResponse(MatchResponse):
    """One answer for all members. Nothing is said of a member that stayed silent."""

    members_asked: list[Member] = Field(description="Members whose registers were asked")
    members_silent: list[Member] = Field(description="Members that did not answer in time")
