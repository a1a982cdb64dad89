"""A small year of recruitment through the rules, told with intervals; and the command that weighs now."""

import json

from click.testing import CliRunner

from services.cli import main
from services.sandbox.recruitment import NEAR, make_year
from shared.contracts.red_flags import FlagRule
from tests.conftest import MakeDeployment


def test_a_year_is_told_by_rule_and_by_what_only_looks_so() -> None:
    result = CliRunner().invoke(
        main, ["evaluate", "redflags", "--registrations", "3000", "--seeds", "1", "1", "--json"]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert set(told["rules"]) == set(FlagRule)
    assert set(told["near"]) == set(NEAR)
    for row in told["rules"].values():
        assert 0 <= row["found"] <= row["planted"] <= row["others"]
        assert row["recall"]["ci95"][0] <= row["recall"]["share"] <= row["recall"]["ci95"][1]
        assert row["false"] <= 0.05 * row["others"]
    assert sum(row["found"] for row in told["rules"].values()) >= 5
    assert told["near"]["complaint_then_talk"]["flagged"] <= told["near"]["twice_in_other_words"]["flagged"]


def test_a_year_is_the_same_for_the_same_seed() -> None:
    one, other = make_year(1000, 7), make_year(1000, 7)
    assert one == other
    assert one != make_year(1000, 8)
    assert all(one.planted[rule] for rule in FlagRule)


def test_the_command_weighs_now(make_deployment: MakeDeployment) -> None:
    settings = make_deployment("sqlite")
    result = CliRunner().invoke(main, ["redflags", "weigh", "--json"], env={"LINDUNG_VAR": str(settings.var)})
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"flags": 0}
