"""Rows of a small corpus, a real tokenizer, and a generated dataset."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from rag.models import Corpus
from samples.generators.sources import Library, load_library
from samples.models import Dataset
from samples.plan import Part, Plan, load_plan
from samples.services.generation import samples_generate
from tests.samples.corpus import files
from tests.samples.counting import quarter
from tests.samples.storing import store


@pytest.fixture
def corpus(db: None) -> Corpus:
    return store(files())


@pytest.fixture
def library(corpus: Corpus) -> Library:
    from rag.models import Document

    return load_library(Document.objects.all())


@pytest.fixture
def wide_plan() -> Plan:
    """Everything the small corpus can give, whatever its length."""
    parts = (Part(part.category, part.sub_category, 7, (5, 4000)) for part in load_plan().parts)
    return Plan(tuple(parts), eval_target=16)


@pytest.fixture
def dataset(corpus: Corpus, wide_plan: Plan) -> Dataset:
    result = samples_generate(plan=wide_plan, count_tokens=quarter)
    return Dataset.objects.get(pk=result["dataset"])


@pytest.fixture
def tokenizer(tmp_path: Path, settings) -> Path:
    """A real tokenizer file where the base model's is looked for: one token a word."""
    folder = tmp_path / "base"
    folder.mkdir()
    made = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = WhitespaceSplit()
    made.save(str(folder / "tokenizer.json"))
    settings.BASE_MODEL_DIR = folder
    settings.DATASETS_DIR = tmp_path / "datasets"
    return folder
