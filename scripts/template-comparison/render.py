"""Renders templates as transformers' apply_chat_template calls Jinja2, as JSON lines on standard output.

Standard input: {"templates": [text], "calls": [variables]}. One line for each template: what each call gives, a
{"text"} or an {"error"}.
"""

import json
import sys
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(jinja2.ext.Extension):
    """The tag that marks what an assistant says; it writes what stands in it."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("said"), [], [], body).set_lineno(line)

    def said(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda format: datetime.now().strftime(format)


def rendered(template, call):
    try:
        return {"text": template.render(**call)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    job = json.load(sys.stdin)
    for text in job["templates"]:
        try:
            template = environment.from_string(text)
        except Exception as error:
            results = [{"error": f"{type(error).__name__}: {error}"}] * len(job["calls"])
        else:
            results = [rendered(template, call) for call in job["calls"]]
        print(json.dumps(results), flush=True)


main()
