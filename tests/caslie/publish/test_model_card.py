"""An adapter's card: it says what the files say, all of it, and nothing in a file can make it say more."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries
from huggingface_hub.repocard_data import model_index_to_eval_results
from markdown_it import MarkdownIt

from caslie.errors import PushError
from caslie.fusion import frame
from caslie.publish.adapter import read_adapter
from caslie.publish.bases import licence_of
from caslie.publish.model_card import render_model_card
from caslie.publish.publication import Publication
from caslie.records import read_scores

Change = Callable[[str, Callable[[Any], None]], Path]
Place = tuple[str | int, ...]

PUBLICATION = Publication("alice/caslie-m", None)
HOSTILE = (
    "**b** _e_ <script>alert(1)</script> | [x](javascript:1) ![i](http://e.x/i.png) `c` {{ 7*7 }} {% raw %} "
    "https://e.x www.e.x @alice $$x$$ &lt; \\| ~~s~~ #1\n---\nlicense: mit\n# title\n```\n<!-- "
)


def card(directory: Path, publication: Publication = PUBLICATION) -> str:
    return render_model_card(read_adapter(directory), publication)["README.md"].decode()


def header(text: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(text.split("\n---\n")[0])
    return content


def body(text: str) -> str:
    return text.split("\n---\n", 1)[1]


def html(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(body(text)))


def numbers(content: Any, path: Place = ()) -> Iterator[Place]:
    """Where the numbers are."""
    if isinstance(content, int | float) and not isinstance(content, bool):
        yield path
    parts = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, part in parts:
        yield from numbers(part, (*path, key))


def nudge(content: Any, path: Place) -> None:
    """Change one number as little as may be."""
    for key in path[:-1]:
        content = content[key]
    content[path[-1]] += 1 if isinstance(content[path[-1]], int) else -1e-7


def test_card_is_one_that_the_hub_reads_and_writes_back(adapter_dir: Path) -> None:
    text = card(adapter_dir)
    read = ModelCard(text)
    assert str(read) == text
    assert yaml.safe_load(read.data.to_yaml()) == header(text)


def test_header_says_what_the_adapter_is(adapter_dir: Path) -> None:
    said = header(card(adapter_dir))
    assert {key: said[key] for key in ("base_model", "base_model_relation", "library_name", "pipeline_tag")} == {
        "base_model": "mistralai/Mistral-7B-Instruct-v0.3",
        "base_model_relation": "adapter",
        "library_name": "peft",
        "pipeline_tag": "text-generation",
    }
    assert (said["license"], said["datasets"], said["language"]) == ("apache-2.0", ["alice/mmecinstruct"], "en")
    assert said["metrics"] == ["accuracy", "f1", "recall@1"]


def test_scores_are_read_back_from_the_model_index_to_the_last_digit(adapter_dir: Path) -> None:
    name, found = model_index_to_eval_results(header(card(adapter_dir))["model-index"])
    scores = read_scores(adapter_dir)
    assert scores and name == "caslie-m"
    assert [(one.dataset_config, one.dataset_split, one.metric_type, one.metric_value) for one in found] == [
        (one.config, one.split, one.metric, one.value) for one in scores.results
    ]
    assert [one.metric_args for one in found] == [
        {"interval": [one.low, one.high], "n": one.n, "failed": one.failed, "from": "scores.json"}
        for one in scores.results
    ]
    assert {one.dataset_revision for one in found} == {scores.dataset.revision}
    assert found[0].task_name == "sequential recommendation"


def test_scores_are_read_back_from_the_leaderboard_file(adapter_dir: Path) -> None:
    content = yaml.safe_load(
        render_model_card(read_adapter(adapter_dir), PUBLICATION)[".eval_results/mmecinstruct.yaml"]
    )
    entries = parse_eval_result_entries(content)
    assert [(one.task_id, one.value) for one in entries] == [
        ("sr_ood_test_recall_at_1", 0.2232446),
        ("ap_ind_test_f1", 0.8914),
        ("ap_ind_test_accuracy", 0.856),
        ("psi_ind_test_f1", 0.39753),
    ]
    assert "95 % interval 0.1974 to 0.2495" in str(entries[0].notes)
    assert "1000 rows, 3 answers unparsed; from scores.json" in str(entries[0].notes)


def test_table_shows_three_digits_and_the_interval(adapter_dir: Path) -> None:
    row = "| sequential recommendation | `sr_ood` | test | `recall@1` | 0.223 | 0.197 to 0.249 | 1000 | 3 |"
    assert row in card(adapter_dir)


@pytest.mark.parametrize(
    ("value", "printed"), [(0.0001, "0.0001"), (0.99996, "0.99996"), (1.0, "1.000"), (0, "0.000")]
)
def test_a_number_is_never_rounded_to_nothing_or_to_everything(
    adapter_dir: Path, change: Change, value: float, printed: str
) -> None:
    change("scores.json", lambda it: it["results"][0].update(low=0, value=value, high=1))
    assert f"| {printed} | 0.000 to 1.000 |" in card(adapter_dir)


def test_an_adapter_without_scores_says_so(adapter_dir: Path) -> None:
    (adapter_dir / "scores.json").unlink()
    files = render_model_card(read_adapter(adapter_dir), PUBLICATION)
    text = files["README.md"].decode()
    assert "Not yet evaluated" in text
    assert not {"model-index", "metrics"} & set(header(text))
    assert set(files) == {"README.md"}


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("scores.json", []),
        ("training.json", [("lora", "r"), ("lora", "alpha")]),  # adapter_config.json says otherwise
        ("adapter_config.json", [("r",), ("lora_alpha",)]),
    ],
)
def test_any_number_that_changes_changes_the_card_or_is_refused(
    adapter_dir: Path, name: str, refused: list[Place]
) -> None:
    path = adapter_dir / name
    original, before = path.read_text(encoding="utf-8"), without_digests(card(adapter_dir))
    for place in numbers(json.loads(original)):
        content = json.loads(original)
        nudge(content, place)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
        if place in refused:
            with pytest.raises(PushError, match=r"adapter_config\.json: .+, but training\.json says"):
                card(adapter_dir)
        else:
            assert without_digests(card(adapter_dir)) != before, place


def without_digests(text: str) -> str:
    """The card but its last table, which would change in any case."""
    return text.split("## Artifacts")[0]


def test_same_files_make_the_same_bytes(adapter_dir: Path) -> None:
    once, again = (render_model_card(read_adapter(adapter_dir), PUBLICATION) for _ in range(2))
    assert once == again


def test_every_published_file_is_listed_with_its_digest(adapter_dir: Path) -> None:
    listed = dict(re.findall(r"^\| \[(.+?)\]\(.+?\) \| [\d,]+ \| `(\w{64})` \|$", card(adapter_dir), re.MULTILINE))
    names = ("adapter_config.json", "adapter_model.safetensors", "prompt.jinja", "recipe.yaml", "training.json")
    assert set(names) < set(listed)
    assert listed == {name: hashlib.sha256((adapter_dir / name).read_bytes()).hexdigest() for name in listed}


def test_nothing_is_left_to_fill_in(adapter_dir: Path) -> None:
    text = card(adapter_dir)
    prompt = text[text.index("```jinja") : text.index("## How to load")]
    assert "More Information Needed" not in text
    assert not re.search(r"\{\{|\{%|None|Undefined", text.replace(prompt, ""))


def test_a_hostile_text_comes_out_as_it_is_written_and_does_nothing(adapter_dir: Path, change: Change) -> None:
    clean, clean_header = html(card(adapter_dir)), header(card(adapter_dir))

    def poison(content: Any) -> None:
        content["recipe"] = HOSTILE
        content["libraries"]["peft"] = HOSTILE
        content["hyperparameters"][HOSTILE] = HOSTILE
        content["hyperparameters"]["nested"] = {"a": [HOSTILE]}

    change("training.json", poison)
    change("scores.json", lambda it: it.update(method=HOSTILE))
    text = card(adapter_dir)
    page = html(text)
    assert header(text) == clean_header
    assert tags(page) - tags(clean) == set()
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; | [x](javascript:1)") == 6
    assert not re.search(r"\{\{ 7|https://e\.x|www\.e\.x|@alice|\$\$|~~", body(text))


def tags(page: str) -> set[str]:
    """The elements of a page, with their attributes."""
    return set(re.findall(r"<[a-z][^>]*>", page))


def test_a_fence_in_the_prompt_does_not_end_the_fence_of_the_card(adapter_dir: Path) -> None:
    (adapter_dir / "prompt.jinja").write_text("````\n<script>\n```\n{{ input }}\n# not a title\n")
    page = html(card(adapter_dir))
    assert "````\n&lt;script&gt;\n```\n{{ input }}\n# not a title\n</code></pre>" in page


def test_a_prompt_that_is_no_template_is_refused(adapter_dir: Path) -> None:
    (adapter_dir / "prompt.jinja").write_text("first\n{% if %}")
    with pytest.raises(PushError, match=r"prompt\.jinja: line 2: no template of jinja"):
        card(adapter_dir)


def test_the_code_for_loading_is_python(adapter_dir: Path) -> None:
    blocks = re.findall(r"```python\n(.+?)```", card(adapter_dir), re.DOTALL)
    assert len(blocks) == 2
    assert all(compile(block, "card", "exec") for block in blocks)
    assert 'template.render(instruction=row["instruction"], input=row["input"], options=options)' in blocks[0]
    assert "AutoTokenizer.from_pretrained(repository)" in blocks[0]


def test_a_prompt_of_other_words_is_left_to_the_reader(adapter_dir: Path) -> None:
    (adapter_dir / "prompt.jinja").write_text("{{ input }}\n{{ history }}\n")
    text = card(adapter_dir)
    assert "prompt = template.render(history=..., input=...)" in text
    assert "load_dataset" not in text and "caslie predict" not in text


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("text", "`caslie predict alice/caslie-m --data alice/mmecinstruct` does this for every row."),
        ("uia", "in training, all of them stood in the input"),
        ("caslie", "in training, those that were kept stood in the input"),
    ],
)
def test_the_card_says_what_its_example_leaves_out(adapter_dir: Path, change: Change, variant: str, said: str) -> None:
    change("training.json", lambda it: it.update(variant=variant))
    text = card(adapter_dir)
    assert said in text
    assert "`caslie predict alice/caslie-m --data alice/mmecinstruct` does" in text


def test_a_prompt_for_a_chat_template_is_put_in_it(adapter_dir: Path) -> None:
    assert "apply_chat_template" not in card(adapter_dir)
    (adapter_dir / "prompt.jinja").write_text(frame("chat").source)
    code = re.findall(r"```python\n(.+?)```", card(adapter_dir), re.DOTALL)[0]
    assert compile(code, "card", "exec")
    assert 'date_string="26 Jul 2024"' in code and "add_special_tokens=False" in code


def test_without_a_tokenizer_of_its_own_the_bases_is_loaded(adapter_dir: Path) -> None:
    (adapter_dir / "tokenizer_config.json").unlink()
    assert 'AutoTokenizer.from_pretrained("mistralai/Mistral-7B-Instruct-v0.3")' in card(adapter_dir)


def test_vllm_is_not_promised_an_adapter_on_the_head(adapter_dir: Path, change: Change) -> None:
    assert "which vLLM refuses for some bases" in card(adapter_dir)
    change("training.json", lambda it: it["lora"].update(targets=["q_proj"]))
    change("adapter_config.json", lambda it: it.update(target_modules=["q_proj"]))
    assert "which vLLM refuses" not in card(adapter_dir)


@pytest.mark.parametrize(
    ("base", "licence"),
    [
        ("meta-llama/Llama-2-13b-chat-hf", "llama2"),
        ("meta-llama/Llama-3.2-3B-Instruct", "llama3.2"),
        ("unsloth/Llama-3.2-3B-Instruct", "llama3.2"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "apache-2.0"),
        ("Qwen/Qwen2.5-7B-Instruct", "apache-2.0"),
        ("Qwen/Qwen2.5-3B-Instruct", "other"),
        ("alice/caslie-pocket-llama", "apache-2.0"),
    ],
)
def test_an_adapter_has_the_licence_of_its_base(base: str, licence: str) -> None:
    assert licence_of(base, None, has_text=False).identifier == licence
    assert licence_of(base, licence, has_text=False).from_base


@pytest.mark.parametrize(
    "base", ["Qwen/Qwen2.5-72B-Instruct", "mistralai/Ministral-8B-Instruct-2410", "someone/Mistral-7B-v0.3"]
)
def test_a_base_of_unknown_licence_needs_a_decision(base: str) -> None:
    with pytest.raises(PushError, match="not known here; look it up and decide: caslie-push model"):
        licence_of(base, None, has_text=False)
    assert licence_of(base, "mit", has_text=False).identifier == "mit"


def test_a_decision_against_a_licence_that_passes_on_is_refused() -> None:
    with pytest.raises(PushError, match=r"--license mit contradicts .* is under llama2 \(https.+\), which holds for"):
        licence_of("meta-llama/Llama-2-13b-chat-hf", "mit", has_text=False)


def test_another_licence_over_a_free_base_names_both(adapter_dir: Path) -> None:
    text = card(adapter_dir, Publication("alice/caslie-m", "cc-by-nc-4.0"))
    assert header(text)["license"] == "cc-by-nc-4.0"
    assert "The publisher decided: cc-by-nc-4.0." in text
    assert "The base model (Mistral 7B) is under [apache-2.0]" in text


def test_a_licence_of_its_own_needs_its_text(adapter_dir: Path) -> None:
    other = Publication("alice/caslie-m", "other")
    with pytest.raises(PushError, match="put a file LICENSE beside the adapter"):
        card(adapter_dir, other)
    (adapter_dir / "LICENSE").write_text("Do good.")
    said = header(card(adapter_dir, other))
    assert (said["license"], said["license_name"], said["license_link"]) == ("other", "custom", "LICENSE")


def test_llama_is_named_as_its_licence_demands(adapter_dir: Path, change: Change) -> None:
    base = "meta-llama/Llama-3.2-3B-Instruct"
    change("training.json", lambda it: it.update(base_model=base))
    change("adapter_config.json", lambda it: it.update(base_model_name_or_path=base))
    files = render_model_card(read_adapter(adapter_dir), Publication("alice/caslie-s", None))
    text = files["README.md"].decode()
    assert "\n# Llama caslie-s\n\n**Built with Llama**\n" in text
    assert header(text)["model-index"][0]["name"] == "Llama caslie-s"
    assert files["NOTICE"].startswith(b"Llama 3.2 is licensed under the Llama 3.2 Community License")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")  # peft asks for it
def test_a_real_adapter_gets_a_card_in_place_of_pefts_empty_one(adapter_dir: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    tiny = LlamaConfig(vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
    model = LlamaForCausalLM(tiny)
    model.name_or_path = "mistralai/Mistral-7B-Instruct-v0.3"
    lora = LoraConfig(
        r=16, lora_alpha=16, lora_dropout=0.1, target_modules=["q_proj", "v_proj", "lm_head"], task_type="CAUSAL_LM"
    )
    get_peft_model(model, lora).save_pretrained(str(adapter_dir), save_embedding_layers=False)
    assert "More Information Needed" in (adapter_dir / "README.md").read_text()
    text = card(adapter_dir)
    assert "More Information Needed" not in text
    assert "| parameters of the adapter | 2,304 |" in text
    assert header(text)["base_model"] == "mistralai/Mistral-7B-Instruct-v0.3"
