"""The chat templates in archives of PyPI, as JSON on standard output: [{"id": where it stands, "text": the template}].

  collect.py ARCHIVE...      wheels and sdists

Templates are files named *.jinja, "chat_template" fields of JSON files and string constants of Python files that write
messages. Each text comes once.
"""

import ast
import json
import os
import sys
import tarfile
import zipfile


def files_of(path):
    """Name and bytes of every file that may hold a template."""
    wanted = (".jinja", ".json", ".py")
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(wanted):
                    yield name, archive.read(name)
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(wanted):
                yield member.name.split("/", 1)[1], archive.extractfile(member).read()


def is_chat_template(text):
    return "messages" in text and ("{%" in text or "{{" in text) and ("{% for" in text or "{%- for" in text)


def from_json(value, path):
    if isinstance(value, dict):
        name = value.get("model_name", path)
        for key, field in value.items():
            if key == "chat_template" and isinstance(field, str):
                yield name, field
            else:
                yield from from_json(field, name)
    elif isinstance(value, list):
        for item in value:
            yield from from_json(item, path)


def from_python(source):
    """String constants, also those that are put together by + and named constants of their file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    names = {}

    def text_of(node):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = text_of(node.left), text_of(node.right)
            return None if left is None or right is None else left + right
        return None

    class Assignments(ast.NodeVisitor):
        def visit_Assign(self, node):
            text = text_of(node.value)
            if text is not None and isinstance(node.targets[0], ast.Name):
                names[node.targets[0].id] = text
                found.append((node.lineno, text))
            else:
                self.generic_visit(node)

        def visit_Constant(self, node):
            if isinstance(node.value, str):
                found.append((node.lineno, node.value))

    found = []
    Assignments().visit(tree)
    yield from found


def templates_of(path):
    package = os.path.basename(path).split("-")[0]
    for name, data in files_of(path):
        where = f"{package}:{name}"
        text = data.decode("utf-8", "replace")
        if name.endswith(".jinja"):
            yield where, text
        elif name.endswith(".json") and "chat_template" in text:
            try:
                value = json.loads(text)
            except ValueError:
                continue
            for model, template in from_json(value, ""):
                yield f"{where}#{model}", template
        elif name.endswith(".py") and ("{%" in text and "messages" in text):
            for line, template in from_python(text):
                yield f"{where}:{line}", template


def main():
    seen = {}
    for path in sys.argv[1:]:
        for where, text in templates_of(path):
            if is_chat_template(text):
                seen.setdefault(text, where)
    json.dump([{"id": where, "text": text} for text, where in seen.items()], sys.stdout)


main()
