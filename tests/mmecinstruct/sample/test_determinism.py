"""The same arguments give the same bytes."""

import hashlib
import os
import subprocess
import sys

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import USUAL_SHARES
from mmecinstruct.sample.world import plan_world


def digest(root):
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_processes_and_another_hash_seed_write_the_same_bytes(sample, tmp_path):
    code = "import sys; from pathlib import Path; from mmecinstruct.sample import write_sample\n"
    code += "if __name__ == '__main__': write_sample(Path(sys.argv[1]), workers=2)"
    script = tmp_path / "write.py"
    script.write_text(code)
    here = os.pathsep.join(path for path in sys.path if path)
    subprocess.run(
        [sys.executable, script, tmp_path / "again"],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": here},
    )
    assert digest(tmp_path / "again") == digest(sample.root)


def test_another_seed_is_another_world():
    first, second = (plan_world(1, seed, USUAL_SHARES) for seed in (1, 2))
    assert not {product.asin for product in first.products} & {product.asin for product in second.products}


def test_importing_the_sample_loads_nothing_heavy():
    code = "import sys, mmecinstruct.sample; print(sorted({'PIL', 'pyarrow', 'datasets'} & set(sys.modules)))"
    here = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": here},
    )
    assert done.stdout.strip() == "[]"


def test_dealt_hands_follow_the_shares_exactly():
    hand = Chance("1").deal(200, {"a": 0.45, "b": 0.2, "c": 0.35}, "hand")
    assert [hand.count(name) for name in "abc"] == [90, 40, 70]
    assert hand[:20] != sorted(hand)[:20]
