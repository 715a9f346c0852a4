"""`python -m aisle.cli`: the command without its script, as jobs are begun."""

from aisle.cli import main

main()
