"""Strict tool calls: the right tool with the right parameters."""

from evaluation.harnesses.base import Gate, Harness, Prompt
from evaluation.runtimes.base import Message, user

# As in production: the prompt builder names the tools of the configured ecosystem.
FRAME = """Tools: read_file(path), create_new_file(path, content), run_terminal_command(command), \
file_glob_search(pattern), view_diff(), read_currently_open_file(), ls(path), create_rule_block(rule), \
fetch_url_content(url), edit_existing_file(path, changes), single_find_and_replace(file_path, find, replace), \
grep(pattern, path).
Answer with one call as JSON: {{"tool_calls": [{{"name": "...", "parameters": {{...}}}}]}}
Task: {task}"""


class ToolSuccess(Harness):
    def messages(self, prompt: Prompt) -> list[Message]:
        return user(FRAME.format(task=prompt.text))


HARNESS = ToolSuccess("tool_success", "Tool success", Gate.QUALITY, threshold=0.85, max_tokens=120)
