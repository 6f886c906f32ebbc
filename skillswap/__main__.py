"""`python -m skillswap` is the command `skillswap`."""

from skillswap.cli import main

main()
