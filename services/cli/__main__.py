"""`python -m services.cli` is `lindung`."""

from services.cli.program import main

main()
