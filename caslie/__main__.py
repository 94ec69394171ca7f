"""Makes `python -m caslie` the command line, as `accelerate launch -m caslie train ...` needs it."""

from caslie.cli import main

main()
