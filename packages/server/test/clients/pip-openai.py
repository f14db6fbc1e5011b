"""What OpenAI's own client for Python makes of a server. Prints it as JSON.

python pip-openai.py URL
"""

import json
import sys

import openai
from pydantic import BaseModel
from typing import Literal

base_url = sys.argv[1] + "/v1"
client = openai.OpenAI(base_url=base_url, api_key="key", max_retries=0)
messages = [{"role": "user", "content": "hello"}]
ask = {"model": "chain", "messages": messages}
parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}]
found = {}


class Kind(BaseModel):
    kind: Literal["x"]


def failure(call):
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.param, error.code]
    return None


found["models"] = [model.id for model in client.models.list()]

whole = client.chat.completions.create(**ask)
found["whole"] = [whole.choices[0].message.content, whole.choices[0].finish_reason, whole.usage.completion_tokens]

with client.chat.completions.stream(**ask, stream_options={"include_usage": True}) as stream:
    final = stream.get_final_completion()
found["streamed"] = [final.choices[0].message.content, final.choices[0].finish_reason, final.usage.completion_tokens]

called = client.chat.completions.create(model="caller", messages=messages, tools=tools)
found["called"] = [[call.function.name, call.function.arguments] for call in called.choices[0].message.tool_calls]
with client.chat.completions.stream(model="caller", messages=messages, tools=tools) as stream:
    calling = stream.get_final_completion()
found["calling"] = [[call.function.name, call.function.arguments] for call in calling.choices[0].message.tool_calls]

only = [{"type": "function", "function": {"name": "get_weather", "parameters": Kind.model_json_schema()}}]
choice = {"type": "function", "function": {"name": "get_weather"}}
forced_ask = {**ask, "tools": only, "tool_choice": choice, "max_tokens": 100}
forced = client.chat.completions.create(**forced_ask)
found["forced"] = [json.loads(call.function.arguments) for call in forced.choices[0].message.tool_calls]
with client.chat.completions.stream(**forced_ask) as stream:
    forcing = stream.get_final_completion()
found["forcing"] = [json.loads(call.function.arguments) for call in forcing.choices[0].message.tool_calls]

parsed = client.chat.completions.parse(**ask, response_format=Kind, max_tokens=100)
found["parsed"] = parsed.choices[0].message.parsed.kind
with client.chat.completions.stream(**ask, response_format=Kind, max_tokens=100) as stream:
    found["parsing"] = stream.get_final_completion().choices[0].message.parsed.kind

complete = {"model": "chain", "prompt": "Z", "max_tokens": 4}
found["text"] = client.completions.create(**complete).choices[0].text
found["texts"] = "".join(part.choices[0].text for part in client.completions.create(**complete, stream=True))

response = client.responses.create(model="chain", input="hello")
found["response"] = [response.output_text, response.status]
with client.responses.stream(model="chain", input="hello") as stream:
    found["responding"] = stream.get_final_response().output_text

vector = client.embeddings.create(model="vectors", input=["a", "b"])
plain = client.embeddings.create(model="vectors", input=["a", "b"], encoding_format="float")
found["vectors"] = [
    max(abs(a - b) for a, b in zip(packed.embedding, one.embedding)) < 1e-6
    for packed, one in zip(vector.data, plain.data)
]

found["aborted"] = 0
with client.chat.completions.create(model="endless", messages=messages, max_tokens=90_000, stream=True) as stream:
    for _ in stream:
        found["aborted"] += 1
        if found["aborted"] == 3:
            break

found["notFound"] = failure(lambda: client.chat.completions.create(model="other", messages=messages))
found["refused"] = failure(lambda: client.chat.completions.create(**ask, top_p=0, stream=True))
other = openai.OpenAI(base_url=base_url, api_key="other", max_retries=0)
found["noKey"] = failure(lambda: other.chat.completions.create(**ask))
print(json.dumps(found))
