"""Writes tests/resources/onnx-operators.txt: the operators of ONNX's default domain up to opset 21.

    python tools/list_operators.py            (needs tools/requirements.txt; seconds)

A line each: the name, the opset that first had it and, for what opset 21 no longer has, "deprecated".
"""
from pathlib import Path

from onnx import defs

OPSET = 21


def main():
    forms = {}
    for schema in defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.since_version <= OPSET:
            forms.setdefault(schema.name, []).append(schema)
    lines = []
    for name, all_forms in sorted(forms.items()):
        last = max(all_forms, key=lambda form: form.since_version)
        first = min(form.since_version for form in all_forms)
        lines.append(f"{name} {first}{' deprecated' if last.deprecated else ''}\n")
    target = Path(__file__).resolve().parent.parent / "tests/resources/onnx-operators.txt"
    target.write_text("".join(lines), encoding="utf-8")


main()
