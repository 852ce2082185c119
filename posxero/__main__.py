"""The same as the console script: `python -m posxero`."""

from posxero.cli import main

main()
