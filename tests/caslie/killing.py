"""A Hub in a process of its own, to be killed and started again at the same place."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVE = [sys.executable, "-c", "from caslie.cli import main; main()", "hub", "serve"]
TOKEN = "hf_killskillskillskillskillskillskill"


@dataclass(slots=True)
class MortalHub:
    """The Hub of alice in a folder; its log is `server.err` beside it."""

    root: Path
    endpoint: str = ""
    port: int = 0
    process: subprocess.Popen[str] | None = None

    @property
    def hub(self) -> Path:
        """The Hub's folder."""
        return self.root / "hub"

    def start(self) -> None:
        """Serve, and wait until it answers; from the second time on at the port of the first."""
        command = [*SERVE, str(self.hub), "--port", str(self.port), "--user", f"alice:{TOKEN}"]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        with (self.root / "server.err").open("ab") as errors:
            self.process = subprocess.Popen(
                command, env=env, stdout=subprocess.PIPE, stderr=errors, text=True, bufsize=1
            )
        assert self.process.stdout
        self.endpoint = self.process.stdout.readline().strip().partition("=")[2]
        assert self.endpoint, (self.root / "server.err").read_text()[-2000:]
        self.port = int(self.endpoint.rpartition(":")[2])

    def kill(self) -> None:
        """End it as the machine would, with no time for anything."""
        if self.process and self.process.stdout:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()
