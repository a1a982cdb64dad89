"""How long corrections are waited for, tried and kept: data, in clocks.toml."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files


@dataclass(frozen=True)
class Clocks:
    """The terms of clocks.toml."""

    member_overdue: timedelta
    office_overdue: timedelta
    deliveries_kept: timedelta
    changes_kept: timedelta
    first_retry: timedelta
    longest_retry: timedelta

    def retry(self, tries: int) -> timedelta:
        """Until the next try, after so many in vain: doubled each time."""
        return min(self.longest_retry, self.first_retry * float(2 ** min(max(tries - 1, 0), 20)))


def load_clocks() -> Clocks:
    """The terms that ship with the gateway."""
    told = tomllib.loads(files(__package__).joinpath("clocks.toml").read_text(encoding="utf-8"))
    overdue, kept, retry = told["overdue"], told["kept"], told["retry"]
    return Clocks(
        timedelta(days=overdue["member_days"]),
        timedelta(days=overdue["office_days"]),
        timedelta(days=kept["deliveries_days"]),
        timedelta(days=kept["changes_days"]),
        timedelta(seconds=retry["first_s"]),
        timedelta(seconds=retry["longest_s"]),
    )
