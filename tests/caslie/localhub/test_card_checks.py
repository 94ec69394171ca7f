"""Cards looked over before they are sent, as the real Hub does it."""

import pytest
from huggingface_hub import DatasetCard, HfApi, ModelCard

from tests.caslie.serving import Server


def test_a_good_card_passes(alice: HfApi, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.address)
    based = "base_model: org/base\nbase_model_relation: adapter\nlibrary_name: peft\nwhen: 2024-10-22\n"
    ModelCard(f"---\nlicense: cc-by-4.0\nlanguage: [en]\n{based}---\n").validate()
    configs = "configs:\n- config_name: sr_ood\n  data_files:\n  - split: test\n    path: sr_ood/test-*\n"
    DatasetCard(f"---\nlicense: other\nsize_categories: [1K<n<10K]\n{configs}---\n").validate()


@pytest.mark.parametrize(
    ("yaml", "reason"),
    [
        ("license: mine", "'mine' must be a licence of"),
        ("language: English", "'English' must be an ISO 639 code"),
        ("tags: {a: b}", "must be a text"),
        ("size_categories: 1k", "'1k' must be one of n<1K"),
        ("configs: {a: b}", '"configs" must be a list'),
        ("configs:\n- config_name: a/b", "'a/b' cannot be a config_name"),
        ("configs:\n- config_name: a\n- config_name: a", "config_name 'a' is there twice"),
        ("configs:\n- config_name: a\n  data_files: [{split: test}]", "data_files of 'a' must be paths"),
        ("dataset_info: none", '"dataset_info" must be a mapping'),
        ("- a list", "must be a mapping of keys to values"),
        ("a: [unclosed", "the metadata is no YAML"),
        ("a: !!python/object:os.system x", "the metadata is no YAML"),
        ("a: " + "[" * 3000, "the metadata is no YAML"),
        ("a: &a [*a]", "nested deeper than 30"),
        (
            "\n".join(
                ["a: &a [1,1,1,1,1,1,1,1,1]"]
                + [f"{x}: &{x} [{','.join([f'*{y}'] * 9)}]" for x, y in zip("bcdefghi", "abcdefgh", strict=True)]
            ),
            "more than 100000",
        ),
        (f"a: 0x{'f' * 50_000}", "no text, number"),
        ("a: .nan", "no text, number"),
        ("? [a]\n: b", "metadata"),
    ],
)
def test_a_bad_card_is_refused_with_the_reason(alice: HfApi, yaml: str, reason: str) -> None:
    with pytest.raises(ValueError, match="Invalid metadata") as refusal:
        alice._validate_yaml(f"---\n{yaml}\n---\n", repo_type="dataset")
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("yaml", "reason"),
    [
        ("base_model: a b", "'a b' must be the name of a model"),
        ("base_model: ./out/base", "'./out/base' must be the name of a model"),
        ("license:", "'None' must be a licence"),
        ("base_model_relation: lora", "'lora' must be one of adapter, finetune, merge, quantized"),
        ("model-index: 5", '"model-index"'),
        ("model-index:\n- name: a\n  results:\n  - task: {type: x}", "'dataset' is missing"),
    ],
)
def test_a_bad_model_card_is_refused_with_the_reason(alice: HfApi, yaml: str, reason: str) -> None:
    with pytest.raises(ValueError, match="Invalid metadata") as refusal:
        alice._validate_yaml(f"---\n{yaml}\n---\n")
    assert reason in str(refusal.value)


def test_a_card_without_metadata_is_warned_about(alice: HfApi) -> None:
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        alice._validate_yaml("# only words\n")
