"""All commands of `lindung`."""

import click

from services.cli.asking import screen, token, verify
from services.cli.audit import audit
from services.cli.client import client
from services.cli.demo import demo
from services.cli.enrol import enrol
from services.cli.evaluate import evaluate
from services.cli.running import keys, migrate, openapi, serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lindung")
def main() -> None:
    """Lindung shelters migrant workers: registration, screening, verification.

    Every command has --help with an example and --json. Exit code 0: done; 1: a finding or a failure; 2: wrong usage.
    Settings are environment variables LINDUNG_*; data lies under LINDUNG_VAR (default: var/).
    """


for command in (serve, migrate, keys, openapi, token, enrol, screen, verify, audit, client, evaluate, demo):
    main.add_command(command)
