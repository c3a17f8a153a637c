"""Write `src/protocol/messages.ts` from `nbtrack/panels/protocol.py` and `protocol_lists.py`.

Run it with the project's Python after a change of the protocol: `npm run protocol`.
`--check` writes nothing and fails when the file is stale.
"""

# ruff: noqa: INP001  (a script beside the npm package)

import argparse
import importlib.util
import inspect
import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

HERE = Path(__file__).parent
PANELS = HERE.parent / "nbtrack" / "panels"
SOURCES = (PANELS / "protocol_lists.py", PANELS / "protocol.py")
TARGET = HERE / "src" / "protocol" / "messages.ts"

LINE_WIDTH = 100  # biome.json says the same

HEADER = """\
// Generated from protocol.py and protocol_lists.py in nbtrack/panels/: change it there.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}
"""

PLAIN = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    NoneType: "null",
    Any: "Json",
}


def load(path: Path) -> ModuleType:
    """Execute a module of the protocol by itself."""
    spec = importlib.util.spec_from_file_location(f"nbtrack_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"no Python module at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # get_type_hints looks names up there
    spec.loader.exec_module(module)
    return module


def typescript(hint: object) -> str:
    """Return how TypeScript writes a type of the protocol.

    Raises:
        TypeError: If the protocol uses a type that this generator does not know.
    """
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and is_typeddict(hint):
        return hint.__name__
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(json.dumps(value) for value in args)
    if origin in {Union, UnionType}:
        return " | ".join(typescript(arg) for arg in args)
    if origin is list:
        item = typescript(args[0])
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    if origin is dict and args == (str, Any):
        return "JsonObject"
    raise TypeError(f"the generator does not know how TypeScript writes {hint!r}")


def field(name: str, hint: object) -> str:
    """Return one line (or a union over several) of an interface."""
    optional = ""
    if get_origin(hint) is NotRequired:
        optional, hint = "?", get_args(hint)[0]
    line = f"  readonly {name}{optional}: {typescript(hint)};"
    if len(line) <= LINE_WIDTH:
        return line
    members = typescript(hint).split(" | ")
    return f"  readonly {name}{optional}:\n" + "\n".join(f"    | {m}" for m in members) + ";"


def comment(text: str | None) -> str:
    """Return a docstring as a TSDoc comment."""
    lines = inspect.cleandoc(text or "").splitlines()
    if len(lines) <= 1:
        return f"/** {''.join(lines)} */"
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */"])


def interface(message: type) -> str:
    """Return a message as an exported interface."""
    hints = get_type_hints(message, include_extras=True)
    fields = "\n".join(field(name, hint) for name, hint in hints.items())
    return f"{comment(message.__doc__)}\nexport interface {message.__name__} {{\n{fields}\n}}\n"


def union(name: str, members: str) -> str:
    """Return a type of several members, on lines of their own where one does not do."""
    line = f"export type {name} = {members};\n"
    if len(line) <= LINE_WIDTH:
        return line
    return f"export type {name} =\n  | " + members.replace(" | ", "\n  | ") + ";\n"


def declarations(module: ModuleType) -> Iterator[str]:
    """Yield constants, interfaces and unions in the order of the Python file."""
    for name, value in vars(module).items():
        if is_typeddict(value):
            if value.__module__ == module.__name__:
                yield interface(value)
        elif name.startswith("_"):
            continue
        elif isinstance(value, UnionType):
            yield union(name, typescript(value))
        elif isinstance(value, int | str) and name.isupper():
            yield f"export const {name} = {json.dumps(value)};\n"


def generate() -> str:
    """Return the whole text of `messages.ts`."""
    return "\n".join([HEADER, *chain(*(declarations(load(source)) for source in SOURCES))])


def main() -> int:
    """Write the file, or with `--check` say whether it is fresh."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the file is stale")
    check = parser.parse_args().check
    text = generate()
    fresh = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text
    if check:
        if not fresh:
            print(f"{TARGET} is stale. Run: npm run protocol", file=sys.stderr)  # noqa: T201  a command talks
        return 0 if fresh else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
