"""A Hub in the foreground and in the background: started, found, stopped, and what it says when it cannot be."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from caslie.localhub.storage.hub import Hub

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from caslie.cli import main; main()", "hub"]
CANARY = "hf_canarycanarycanarycanarycanarycana"
SECRET = "hf_secretsecretsecretsecretsecretse"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def exports(self) -> dict[str, str]:
        """The variables that a shell would take from stdout."""
        return dict(re.findall(r"^export (\w+)=(\S+)$", self.out, re.MULTILINE))


Caslie = Callable[..., Ran]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "HF_TOKEN": CANARY}


def run(*arguments: object) -> Ran:
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a Hub goes; whatever serves it in the end is stopped."""
    yield tmp_path / "hub"
    run("stop", tmp_path / "hub")


def start(folder: Path, *arguments: object) -> Ran:
    return run("start", folder, "--port", 0, *arguments)


def status(folder: Path) -> dict[str, object]:
    found = json.loads(run("status", folder, "--json").out)
    assert isinstance(found, dict)
    return found


def in_foreground(folder: Path) -> subprocess.Popen[str]:
    command = [*COMMAND, "serve", str(folder), "--port", "0"]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def port_of(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def get(endpoint: str, path: str, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port_of(endpoint), timeout=10)
    connection.request("GET", path, headers=headers)
    code = connection.getresponse().status
    connection.close()
    return code


def test_start_answers_the_real_client_with_the_lines_it_prints(folder: Path) -> None:
    ran = start(folder)
    assert ran.code == 0
    assert [line.partition("=")[0] for line in ran.out.splitlines()] == ["export HF_ENDPOINT", "export HF_TOKEN"]
    assert HfApi(ran.exports["HF_ENDPOINT"], ran.exports["HF_TOKEN"]).whoami()["name"] == "me"


def test_the_token_is_shown_once(folder: Path) -> None:
    start(folder)
    assert run("stop", folder) == Ran(0, f"{folder} is not served any more\n", "")
    assert start(folder).exports.keys() == {"HF_ENDPOINT"}


def test_names_that_only_capitals_tell_apart_are_refused(folder: Path) -> None:
    ran = run("start", folder, "--port", 0, "--user", f"alice:{SECRET}", "--user", f"Alice:{SECRET}x")
    assert ran.code == 1
    assert "there is 'alice', which only capitals tell from it" in ran.err


def test_users_and_their_roles_and_organisations_are_kept(folder: Path) -> None:
    ran = start(folder, "--user", f"alice:{SECRET}", "--user", f"bob:{CANARY}:read", "--org", "acme:alice")
    assert ran.exports.keys() == {"HF_ENDPOINT"}
    run("stop", folder)
    endpoint = start(folder).exports["HF_ENDPOINT"]
    assert HfApi(endpoint, SECRET).create_repo("acme/tiny").repo_id == "acme/tiny"
    with pytest.raises(HfHubHTTPError, match="may only read"):
        HfApi(endpoint, CANARY).create_repo("bob/tiny")


def test_status_tells_where_it_runs(folder: Path) -> None:
    endpoint = start(folder).exports["HF_ENDPOINT"]
    assert status(folder) == {"folder": str(folder), "running": True, "endpoint": endpoint} | {
        "pid": status(folder)["pid"]
    }
    assert run("status", folder).out.startswith(f"{folder} is served at {endpoint} by process ")


def test_where_none_runs_stop_is_content_and_status_is_not(folder: Path) -> None:
    none = f"{folder}: no server is running\n"
    assert run("stop", folder) == Ran(0, none, "")
    assert run("status", folder) == Ran(1, none, "")
    assert not folder.exists()


def test_a_second_start_leaves_the_first_as_it_is(folder: Path) -> None:
    first = start(folder)
    second = run("start", folder)
    assert (second.code, second.exports) == (0, {"HF_ENDPOINT": first.exports["HF_ENDPOINT"]})
    assert "is served already" in second.err


def test_a_second_start_that_asks_for_something_else_is_refused(folder: Path) -> None:
    start(folder)
    again = run("start", folder, "--user", f"alice:{SECRET}")
    assert again.code == 1
    assert again.err.startswith(f"error: {folder} is served already")
    assert "to serve it differently" in again.err
    assert SECRET not in again.err


def test_a_server_in_the_foreground_is_found_and_stopped_too(folder: Path) -> None:
    with in_foreground(folder) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("export HF_ENDPOINT=http://127.0.0.1:")
        assert status(folder)["pid"] == process.pid
        assert run("stop", folder).code == 0
        process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_finished_before_the_end(folder: Path, number: signal.Signals) -> None:
    with in_foreground(folder) as process:
        assert process.stdout
        port = port_of(process.stdout.readline().strip())
        with socket.create_connection(("127.0.0.1", port)) as client:
            head = "POST /api/validate-yaml HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            body = json.dumps({"content": "---\nlicense: mit\n---\n", "repoType": "model"})
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body[:9]}".encode())
            time.sleep(0.2)
            process.send_signal(number)
            time.sleep(0.2)
            client.sendall(body[9:].encode())
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        process.communicate()
    assert process.returncode == 0


def test_a_killed_server_is_neither_found_nor_in_the_way(folder: Path) -> None:
    start(folder)
    pid = status(folder)["pid"]
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    while (folder / "server.json").exists() and status(folder)["running"]:
        time.sleep(0.01)
    assert (folder / "server.json").exists()
    assert start(folder).exports.keys() == {"HF_ENDPOINT"}


def test_a_stranger_who_has_the_number_of_a_killed_server_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (folder / "server.json").write_text(json.dumps({"pid": stranger.pid, "host": "127.0.0.1", "port": 9}))
        assert run("stop", folder).out == f"{folder}: no server is running\n"
        assert stranger.poll() is None
        stranger.kill()


def test_no_token_reaches_a_file_a_process_or_the_log(folder: Path) -> None:
    ran = start(folder, "--user", f"alice:{SECRET}")
    endpoint = ran.exports["HF_ENDPOINT"]
    HfApi(endpoint, SECRET).whoami()
    get(endpoint, f"/api/models?token={SECRET}", Authorization=f"Bearer {SECRET}")
    get(endpoint, "/", Authorization=f"Bearer {SECRET}\x01")
    process = Path("/proc") / str(status(folder)["pid"])
    seen = [path.read_bytes() for path in (process / "cmdline", process / "environ") if path.exists()]
    assert run("stop", folder).code == 0
    seen += [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for token in (SECRET, CANARY):
        assert not any(token.encode() in content for content in [*seen, ran.out.encode(), ran.err.encode()])
    log = (folder / "server.log").read_text()
    assert "GET /api/whoami-v2 200" in log
    assert "this is not HTTP" in log


def test_the_log_of_the_run_before_is_kept(folder: Path) -> None:
    get(start(folder).exports["HF_ENDPOINT"], "/first")
    run("stop", folder)
    start(folder)
    assert "GET /first 404" in (folder / "server.log.1").read_text()
    assert "/first" not in (folder / "server.log").read_text()


def test_a_name_that_somebody_points_at_this_machine_is_refused(folder: Path) -> None:
    endpoint = start(folder).exports["HF_ENDPOINT"]
    assert get(endpoint, "/api/models", Host="evil.example") == 421
    assert get(endpoint, "/api/models", Host="localhost") == 200


def test_a_hub_for_the_network_is_warned_of(folder: Path) -> None:
    ran = start(folder, "--host", "0.0.0.0")
    assert ran.exports["HF_ENDPOINT"].startswith("http://127.0.0.1:")
    assert "everybody who reaches 0.0.0.0 reaches this Hub too" in ran.err
    assert get(ran.exports["HF_ENDPOINT"], "/api/models", Host=socket.gethostname()) == 200
    assert get(ran.exports["HF_ENDPOINT"], "/api/models", Host="192.0.2.2") == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--user", "alice"], "write NAME:TOKEN"),
        (["--user", f"alice:{SECRET}:raed"], "write NAME:TOKEN"),
        (["--user", "alice:short"], "must be 8 to 200 printable characters"),
        (["--user", f"-:{SECRET}"], "cannot be a user's name"),
        (["--org", "acme"], "write NAME:MEMBER"),
        (["--org", "acme:nobody"], "add --user nobody:TOKEN"),
        (["--port", "70000"], "70000 is no port"),
        (["--host", "192.0.2.1"], "name others with --host and --port"),
        (["--host", ""], "the host is empty, which would be every address"),
    ],
)
def test_a_wrong_order_is_one_line(folder: Path, arguments: list[str], said: str) -> None:
    ran = run("start", folder, *([] if "--port" in arguments else ["--port", 0]), *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert SECRET not in ran.err
    assert not (folder / "accounts.json").exists()


def test_a_server_whose_folder_was_removed_ends_by_itself(folder: Path) -> None:
    run("start", folder, "--port", 0)
    pid = json.loads(run("status", folder, "--json").out)["pid"]
    shutil.rmtree(folder)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists()


def test_a_folder_of_another_version_is_left_as_it_is(folder: Path) -> None:
    folder.mkdir()
    (folder / "hub.json").write_text('{"format": 99}')
    ran = run("start", folder, "--port", 0)
    assert ran.code == 1
    assert "a Hub of another version of this software" in ran.err


def test_accounts_that_are_none_are_one_line(folder: Path) -> None:
    Hub(folder)
    (folder / "accounts.json").write_text('{"users": [], "orgs": []}')
    ran = run("start", folder, "--port", 0)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "not the accounts of a Hub" in ran.err


def test_odd_requests_are_refused_and_no_failures(folder: Path) -> None:
    endpoint = run("start", folder, "--port", 0).exports["HF_ENDPOINT"]
    host = endpoint.removeprefix("http://")
    answers = []
    for headers in (f"Host: {host}\r\nAuthorization: Bearer \xff", "Host: 127.0.0.1:99999"):
        with socket.create_connection((host.split(":")[0], int(host.split(":")[1])), 10) as connection:
            connection.sendall(f"GET /api/whoami-v2 HTTP/1.1\r\n{headers}\r\n\r\n".encode("latin-1"))
            answers.append(connection.recv(100).split()[1])
    assert answers == [b"401", b"421"]


def test_a_port_in_use_is_one_line_that_names_the_option(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("start", folder, "--port", port)
    assert ran == Ran(1, "", f"error: port {port} is in use; name another with --port, or 0 for any free\n")
    assert start(folder).exports.keys() == {"HF_ENDPOINT", "HF_TOKEN"}


def test_a_folder_that_is_being_served_is_refused(folder: Path) -> None:
    start(folder)
    ran = run("serve", folder, "--port", 0)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {folder}: another server is serving it")


@pytest.mark.parametrize(("name", "said"), [("file", "Not a directory"), ("file/inside", "Not a directory")])
def test_a_file_cannot_hold_a_hub(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").write_text("something")
    ran = start(tmp_path / name)
    assert ran == Ran(1, "", f"error: {tmp_path / name}: cannot hold a Hub ({said})\n")


def test_a_folder_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    ran = start(tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: {tmp_path}: holds something else than a Hub; name an empty or a new folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_full_disk_is_one_line(folder: Path) -> None:
    Hub(folder)
    command = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *COMMAND, "serve", str(folder), "--port", "0"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"error: .*File too large.*\n", done.stderr)


def test_the_help_of_the_command_line_loads_no_server() -> None:
    script = "import sys; sys.argv = ['caslie', '--help']; from caslie.cli import main\ntry: main()\nfinally: " + (
        "print([name for name in ('aiohttp', 'pygit2', 'huggingface_hub', 'torch') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
