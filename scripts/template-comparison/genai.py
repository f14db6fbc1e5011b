"""Renders templates with OpenVINO GenAI's own engine; the same standard input and output as render.py.

  genai.py FOLDER      a folder with a tokenizer as OpenVINO IR

A line that is missing stands for a template that ended the process.
"""

import json
import sys

import openvino_genai


def rendered(tokenizer, template, call):
    variables = dict(call)
    messages, tools = variables.pop("messages"), variables.pop("tools")
    adds = variables.pop("add_generation_prompt")
    try:
        history = openvino_genai.ChatHistory(messages)
        text = tokenizer.apply_chat_template(
            history, adds, chat_template=template, tools=tools or [], extra_context=variables
        )
        return {"text": text}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def main():
    tokenizer = openvino_genai.Tokenizer(sys.argv[1])
    job = json.load(sys.stdin)
    for text in job["templates"]:
        print(json.dumps([rendered(tokenizer, text, call) for call in job["calls"]]), flush=True)


main()
