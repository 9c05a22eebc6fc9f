"""An Ollama Modelfile that speaks the chat template which was trained with.

Ollama's templates are Go templates, so the model's own Jinja template is not copied but recognized: it is ChatML when
it renders probes as ChatML does, and what it says where nobody gave a system message becomes the Modelfile's SYSTEM.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from web4site.errors import UserError

NAME = "Modelfile"
START, END = "<|im_start|>", "<|im_end|>"
CHATML = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"
PROBE = [
    {"role": "system", "content": "Be  brief."},
    {"role": "user", "content": "One?\n\n  two"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "And?"},
]


@dataclass(frozen=True, slots=True)
class Chat:
    """How a model is spoken to: Go template, default system message ('' for none), and what ends an answer."""

    template: str
    system: str
    stop: list[str]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)

    def modelfile(self, gguf: str) -> str:
        """The Modelfile for the file `gguf` beside it: `ollama create NAME -f Modelfile`."""
        lines = [f"FROM ./{gguf}", f'TEMPLATE """{self.template}"""']
        if self.system:
            lines.append(f'SYSTEM """{self.system}"""')
        return "\n".join([*lines, *(f'PARAMETER stop "{text}"' for text in self.stop)]) + "\n"


def read_chat(folder: Path) -> Chat:
    """How the model in a Hugging Face folder is spoken to; UserError when its template is not ChatML."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)

    def render(messages: list[dict[str, str]]) -> str:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    if render(PROBE) != _chatml(PROBE):
        raise UserError(f"The chat template of {folder.name} is not ChatML, the one that Ollama is told in.")
    spoken, question = render(PROBE[1:2]), _chatml(PROBE[1:2])
    before = spoken.removesuffix(question)
    head = f"{START}system\n"
    if not spoken.endswith(question) or (before and not (before.startswith(head) and before.endswith(f"{END}\n"))):
        raise UserError(f"The chat template of {folder.name} puts something unknown before the first question.")
    return Chat(CHATML, before.removeprefix(head).removesuffix(f"{END}\n"), [START, END])


def _chatml(messages: list[dict[str, str]]) -> str:
    turns = "".join(f"{START}{message['role']}\n{message['content']}{END}\n" for message in messages)
    return f"{turns}{START}assistant\n"
