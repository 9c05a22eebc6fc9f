"""The byte-level BPE tokenizer and chat template of a Hugging Face folder as GGUF metadata."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from web4site.errors import UserError

if TYPE_CHECKING:
    from gguf import GGUFWriter

# What llama.cpp calls a pre-tokenizer, by the regular expression in tokenizer.json that marks it.
SPLIT_MARKS = {
    r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|": "llama-bpe",
    r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|": "qwen2",
}

# Pre-tokenizers whose files say even that no begin token comes first: else llama.cpp would add it for the first, and
# its converter says so for the second too.
SAY_NO_BOS = ("llama-bpe", "smollm")


def add_tokenizer(writer: "GGUFWriter", folder: Path, vocabulary: int) -> None:
    """Write tokens, merges, special ids, pre-tokenizer and chat template.

    `vocabulary` is the number of rows of the embedding: ids without a token are filled up, as llama.cpp expects.
    Raises UserError for tokenizers that are not byte-level BPE, or of an unknown kind.
    """
    from gguf import SpecialVocab

    definition = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    if definition["model"]["type"] != "BPE":
        raise UserError(f"Tokenizer type {definition['model']['type']} is not supported: byte-level BPE is.")
    tokens, types = _tokens(definition, vocabulary)
    kind = pre_tokenizer_name(definition)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(kind)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    special = SpecialVocab(folder, load_merges=True, n_vocab=vocabulary)
    adds_bos = _adds_bos(definition, special.special_token_ids.get("bos"))
    if adds_bos or kind in SAY_NO_BOS:
        special.add_special_token["bos"] = adds_bos
    special.add_to_gguf(writer, quiet=True)


def pre_tokenizer_name(definition: dict[str, Any]) -> str:
    """llama.cpp's name for the pre-tokenizer of a tokenizer.json; raises UserError when it is not known."""
    outer = definition.get("pre_tokenizer") or {}
    steps = outer.get("pretokenizers", [outer])
    kinds = [step.get("type") for step in steps]
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits"):
        return "smollm"
    if kinds and kinds[0] == "Split":
        pattern = steps[0].get("pattern", {}).get("Regex", "")
        for mark, name in SPLIT_MARKS.items():
            if mark in pattern:
                return name
    raise UserError(f"The pre-tokenizer of this model ({', '.join(map(str, kinds))}) is not known to the export.")


def _tokens(definition: dict[str, Any], vocabulary: int) -> tuple[list[str], list[int]]:
    """Token texts and GGUF token types by id."""
    from gguf import TokenType

    texts: dict[int, str] = {index: text for text, index in definition["model"]["vocab"].items()}
    types: dict[int, int] = dict.fromkeys(texts, int(TokenType.NORMAL))
    for added in definition.get("added_tokens", []):
        texts[added["id"]] = added["content"]
        types[added["id"]] = int(TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED)
    if max(texts) >= vocabulary:
        raise UserError(
            f"The tokenizer has ids up to {max(texts)}, the model {vocabulary} rows: they do not belong together."
        )
    ids = range(vocabulary)
    return (
        [texts.get(index, f"[PAD{index}]") for index in ids],
        [types.get(index, int(TokenType.UNUSED)) for index in ids],
    )


def _adds_bos(definition: dict[str, Any], bos: int | None) -> bool:
    """Whether encoding a plain text puts the begin token in front."""
    processor = definition.get("post_processor") or {}
    steps = processor.get("processors", [processor])
    return bos is not None and any(
        bos in ids["ids"] for step in steps for ids in (step.get("special_tokens") or {}).values()
    )
