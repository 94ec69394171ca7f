import json

import pytest

from caslie.errors import StoreError
from caslie.store import Store, key_of

ABOUT = {"stage": "captions", "model": "echo/caption", "templates": {"sentiment_analysis": "a" * 64}}
KEYS = [key_of("picture", str(number)) for number in range(6)]


def fill(path, batches=(slice(0, 2), slice(2, 5))):
    with Store(path, ABOUT) as store:
        for batch in batches:
            store.add([(key, {"text": f"caption of {key.hex()}"}) for key in KEYS[batch]])
    return path.read_bytes()


def test_an_answer_is_found_by_its_question_after_reopening(tmp_path):
    fill(tmp_path / "store.jsonl")
    with Store(tmp_path / "store.jsonl", ABOUT) as store:
        assert store.get(KEYS[3])["text"] == f"caption of {KEYS[3].hex()}"
        assert KEYS[5] not in store and store.get(KEYS[5]) is None
        assert len(store) == 5


def test_a_file_cut_at_any_byte_goes_on_to_the_same_bytes(tmp_path):
    path = tmp_path / "store.jsonl"
    whole = fill(path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with Store(path, ABOUT) as store:
            for batch in (KEYS[:2], KEYS[2:5]):
                if batch[0] not in store:
                    store.add([(key, {"text": f"caption of {key.hex()}"}) for key in batch])
        assert path.read_bytes() == whole


def test_a_batch_that_is_not_whole_is_taken_away(tmp_path):
    path = tmp_path / "store.jsonl"
    lines = fill(path).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with Store(path, ABOUT) as store:
        assert [key in store for key in KEYS[:5]] == [True, True, False, False, False]


def test_each_line_is_json(tmp_path):
    lines = fill(tmp_path / "store.jsonl").decode().splitlines()
    assert [json.loads(line)["batch"] for line in lines[1:]] == [[1, 2], [2, 2], [1, 3], [2, 3], [3, 3]]


def test_half_a_character_is_kept(tmp_path):
    with Store(tmp_path / "store.jsonl", ABOUT) as store:
        store.add([(KEYS[0], {"text": "a \ud83d cup ☕"})])
        assert store.get(KEYS[0])["text"] == "a \ud83d cup ☕"


def test_another_template_is_refused_with_both_hashes(tmp_path):
    fill(tmp_path / "store.jsonl")
    with pytest.raises(StoreError, match=r"sentiment_analysis.jinja: a{12} then, b{12} now.*--restart"):
        Store(tmp_path / "store.jsonl", ABOUT | {"templates": {"sentiment_analysis": "b" * 64}})


def test_a_new_task_does_not_spoil_a_store(tmp_path):
    fill(tmp_path / "store.jsonl")
    more = ABOUT["templates"] | {"an_eighth_task": "c" * 64}
    with Store(tmp_path / "store.jsonl", ABOUT | {"templates": more}) as store:
        assert len(store) == 5


def test_another_model_is_refused(tmp_path):
    fill(tmp_path / "store.jsonl")
    with pytest.raises(StoreError, match=r"another model: 'echo/caption' then, 'echo/mixed' now"):
        Store(tmp_path / "store.jsonl", ABOUT | {"model": "echo/mixed"})


def test_two_runs_cannot_write_at_once(tmp_path):
    with Store(tmp_path / "store.jsonl", ABOUT), pytest.raises(StoreError, match="another run is writing it"):
        Store(tmp_path / "store.jsonl", ABOUT)


@pytest.mark.parametrize("content", [b"[]\n", b"{}\n", b"nonsense\n", b'{"a": 1}\n', b"\x00\x01\n"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path, content):
    (tmp_path / "store.jsonl").write_bytes(content)
    with pytest.raises(StoreError, match="not a store of answers"):
        Store(tmp_path / "store.jsonl", ABOUT)
    assert (tmp_path / "store.jsonl").read_bytes() == content


def test_keys_tell_where_one_part_ends():
    assert key_of("ab", "c") != key_of("a", "bc")
