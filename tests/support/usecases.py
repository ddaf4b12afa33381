"""The use cases of the product, found in its source: every function that begins with a unit of work and that somebody hands over
instead of calling it, and whether a record can come of it.

Names are resolved through imports; of a method whose object is not known, every method of that name counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.config import ROOT

Name = tuple[str, str]  # module, function
WITHIN = ("Event", "Deadline")  # who is given one runs in the transaction of who has made a record of it


@dataclass
class Module:
    name: str
    tree: ast.Module
    imports: dict[str, Name] = field(default_factory=dict)  # local name → (module, name there); name "" is the module itself


@dataclass
class Function:
    """`emits`: itself, without what it calls."""

    name: Name
    node: ast.FunctionDef
    is_use_case: bool
    emits: bool


@dataclass
class Source:
    modules: dict[str, Module] = field(default_factory=dict)
    functions: dict[Name, Function] = field(default_factory=dict)
    methods: dict[str, list[Function]] = field(default_factory=dict)
    _called: dict[Name, list[Function]] = field(default_factory=dict)

    def called(self, of: Function) -> list[Function]:
        if of.name not in self._called:
            module, nodes = self.modules[of.name[0]], ast.walk(of.node)
            named = [n for n in nodes if isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, ast.Load)]
            self._called[of.name] = list({one.name: one for node in named for one in self.meant(module, node)}.values())
        return self._called[of.name]

    def meant(self, module: Module, node: ast.expr) -> Iterator[Function]:
        """The functions that an expression may stand for."""
        if isinstance(node, ast.Name):
            if found := self.resolve(module.name, node.id):
                yield found
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in module.imports:
                there, name = module.imports[node.value.id]
                of_module = there if not name else f"{there}.{name}"
                if of_module in self.modules:
                    if found := self.resolve(of_module, node.attr):
                        yield found
                    return
            yield from self.methods.get(node.attr, ())

    def resolve(self, module: str, name: str) -> Function | None:
        for _ in range(5):
            if (module, name) in self.functions:
                return self.functions[module, name]
            known = self.modules.get(module)
            if known is None or name not in known.imports:
                return None
            module, name = known.imports[name]
        return None

    def tells(self, of: Function) -> bool:
        """Whether it, or what it calls, emits an event."""
        seen, waiting = {of.name}, [of]
        while waiting:
            here = waiting.pop()
            if here.emits:
                return True
            for one in self.called(here):
                if one.name not in seen:
                    seen.add(one.name)
                    waiting.append(one)
        return False


def read(folder: Path = ROOT / "app") -> Source:
    source = Source()
    for path in sorted(folder.rglob("*.py")):
        if (folder / "demo") in path.parents:  # only calls others, and nobody calls it
            continue
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        source.modules[name] = module = Module(name, ast.parse(path.read_text(encoding="utf-8")))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                module.imports |= {a.asname or a.name: (node.module, a.name) for a in node.names}
            elif isinstance(node, ast.Import):
                module.imports |= {a.asname or a.name: (a.name, "") for a in node.names}
        _functions(source, module, module.tree, "")
    return source


def _kind(argument: ast.arg | None) -> str:
    return argument.annotation.id if argument is not None and isinstance(argument.annotation, ast.Name) else ""


def _functions(source: Source, module: Module, within: ast.AST, prefix: str) -> None:
    for node in ast.iter_child_nodes(within):
        if isinstance(node, ast.FunctionDef):
            first, second = [_kind(one) for one in (*node.args.args, None, None)][:2]
            emits = any(isinstance(n, ast.Attribute) and n.attr == "emit" for n in ast.walk(node))
            made = Function((module.name, node.name), node, first == "UnitOfWork" and second not in WITHIN, emits)
            source.functions.setdefault(made.name, made)
            if prefix:
                source.methods.setdefault(node.name, []).append(made)
            _functions(source, module, node, "")
        elif isinstance(node, ast.ClassDef):
            _functions(source, module, node, node.name)
        else:
            _functions(source, module, node, prefix)


def handed_over(source: Source) -> list[Function]:
    """Who runs in a transaction of its own: what begins with a unit of work and is somewhere named without being called."""
    found: dict[Name, Function] = {}
    for module in source.modules.values():
        called = {id(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                found |= {one.name: one for one in source.meant(module, node) if one.is_use_case}
    return [found[name] for name in sorted(found)]
