import json

import pytest

from caslie.errors import StoreError
from caslie.store import Store, key_of

ABOUT = {"stage": "captions", "model": "echo/caption", "templates": {"sentiment_analysis": "a" * 64}}
HOLDS = {"text": str}
KEYS = [key_of("picture", str(number)) for number in range(6)]


def fill(path, batches=(slice(0, 2), slice(2, 5))):
    with Store(path, ABOUT, HOLDS) as store:
        for batch in batches:
            store.add([(key, {"text": f"caption of {key.hex()}"}) for key in KEYS[batch]])
    return path.read_bytes()


def test_an_answer_is_found_by_its_question_after_reopening(tmp_path):
    fill(tmp_path / "store.jsonl")
    with Store(tmp_path / "store.jsonl", ABOUT, HOLDS) as store:
        assert store.get(KEYS[3])["text"] == f"caption of {KEYS[3].hex()}"
        assert KEYS[5] not in store and store.get(KEYS[5]) is None
        assert len(store) == 5


def test_a_file_cut_at_any_byte_goes_on_to_the_same_bytes(tmp_path):
    path = tmp_path / "store.jsonl"
    whole = fill(path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with Store(path, ABOUT, HOLDS) as store:
            for batch in (KEYS[:2], KEYS[2:5]):
                if batch[0] not in store:
                    store.add([(key, {"text": f"caption of {key.hex()}"}) for key in batch])
        assert path.read_bytes() == whole


def test_a_batch_that_is_not_whole_is_taken_away(tmp_path):
    path = tmp_path / "store.jsonl"
    lines = fill(path).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with Store(path, ABOUT, HOLDS) as store:
        assert [key in store for key in KEYS[:5]] == [True, True, False, False, False]


def test_each_line_is_json(tmp_path):
    lines = fill(tmp_path / "store.jsonl").decode().splitlines()
    assert [json.loads(line)["batch"] for line in lines[1:]] == [[1, 2], [2, 2], [1, 3], [2, 3], [3, 3]]


def test_half_a_character_is_kept(tmp_path):
    with Store(tmp_path / "store.jsonl", ABOUT, HOLDS) as store:
        store.add([(KEYS[0], {"text": "a \ud83d cup ☕"})])
        assert store.get(KEYS[0])["text"] == "a \ud83d cup ☕"


def test_another_template_is_refused_with_both_hashes(tmp_path):
    fill(tmp_path / "store.jsonl")
    with pytest.raises(StoreError, match=r"sentiment_analysis.jinja: a{12} then, b{12} now.*--restart"):
        Store(tmp_path / "store.jsonl", ABOUT | {"templates": {"sentiment_analysis": "b" * 64}}, HOLDS)


def test_a_new_task_does_not_spoil_a_store(tmp_path):
    fill(tmp_path / "store.jsonl")
    more = ABOUT["templates"] | {"an_eighth_task": "c" * 64}
    with Store(tmp_path / "store.jsonl", ABOUT | {"templates": more}, HOLDS) as store:
        assert len(store) == 5


def test_another_model_is_refused(tmp_path):
    fill(tmp_path / "store.jsonl")
    with pytest.raises(StoreError, match=r"another model: 'echo/caption' then, 'echo/mixed' now"):
        Store(tmp_path / "store.jsonl", ABOUT | {"model": "echo/mixed"}, HOLDS)


def test_two_runs_cannot_write_at_once(tmp_path):
    with Store(tmp_path / "store.jsonl", ABOUT, HOLDS), pytest.raises(StoreError, match="another run has it"):
        Store(tmp_path / "store.jsonl", ABOUT, HOLDS)


def test_many_may_read_what_nobody_writes(tmp_path):
    fill(tmp_path / "store.jsonl")
    path = tmp_path / "store.jsonl"
    with Store(path, ABOUT, HOLDS, writes=False) as first, Store(path, ABOUT, HOLDS, writes=False) as second:
        assert len(first) == len(second) == 5
        with pytest.raises(StoreError, match="another run has it"):
            Store(path, ABOUT, HOLDS)


def test_reading_makes_no_file_and_mends_none(tmp_path):
    path = tmp_path / "store.jsonl"
    with Store(path, ABOUT, HOLDS, writes=False) as store:
        assert len(store) == 0
    assert not path.exists()
    cut = fill(path)[:-5]
    path.write_bytes(cut)
    with Store(path, ABOUT, HOLDS, writes=False) as store:
        assert len(store) == 2
    assert path.read_bytes() == cut


def test_beginning_anew_throws_only_this_store_away_and_not_while_another_run_has_it(tmp_path):
    fill(tmp_path / "store.jsonl")
    (tmp_path / "thesis.txt").write_text("mine")
    with Store(tmp_path / "store.jsonl", ABOUT, HOLDS), pytest.raises(StoreError, match="another run has it"):
        Store(tmp_path / "store.jsonl", ABOUT, HOLDS, restart=True)
    with Store(tmp_path / "store.jsonl", ABOUT | {"model": "other"}, HOLDS, restart=True) as store:
        assert len(store) == 0
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b'"key":"', b'"key":"xyz'),
        (b'"key":"', b'"k":"'),
        (b'"batch":[1,2]', b'"batch":3'),
        (b'"batch":[1,2]', b'"batch":[1]'),
        (b'"text":"', b'"text":null,"x":"'),
        (b'"text":"', b'"t":"'),
        (b'{"key"', b'{"format":1,"key"'),
        (b'{"key"', b'[{"key"'),
        (b'{"key"', b"\xff"),
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_touched(tmp_path, was, now):
    path = tmp_path / "store.jsonl"
    whole = fill(path)
    damaged = whole.replace(was, now, 1)
    assert damaged != whole
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="line 2 is not of a store of answers; cut the file off before it"):
        Store(path, ABOUT, HOLDS)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("templates", [3, None, []])
def test_a_damaged_first_line_is_refused(tmp_path, templates):
    path = tmp_path / "store.jsonl"
    whole = fill(path).decode()
    path.write_text(whole.replace(json.dumps(ABOUT["templates"], separators=(",", ":")), json.dumps(templates), 1))
    with pytest.raises(StoreError, match="made with another templates"):
        Store(path, ABOUT, HOLDS)


@pytest.mark.parametrize("content", [b"[]\n", b"{}\n", b"nonsense\n", b'{"a": 1}\n', b"\x00\x01\n", b"no line"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path, content):
    (tmp_path / "store.jsonl").write_bytes(content)
    with pytest.raises(StoreError, match="line 1 is not of a store of answers"):
        Store(tmp_path / "store.jsonl", ABOUT, HOLDS)
    assert (tmp_path / "store.jsonl").read_bytes() == content


def test_keys_tell_where_one_part_ends():
    assert key_of("ab", "c") != key_of("a", "bc")
