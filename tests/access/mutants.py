"""Views with one check taken out, so that the proof can be seen to miss it.

A check is `if …: raise PermissionDenied` (or Http404), a queryset narrowed by `…visible_to(…)`, and
a decorator that limits methods or asks for a fresh sign-in.
"""

import ast
import copy
import importlib
import inspect
import sys
import textwrap
from dataclasses import dataclass

from tests.access.addresses import addresses
from tests.access.table import ROUTES

REFUSALS = {"PermissionDenied", "Http404"}
LIMITS = {"require_safe", "require_POST", "require_http_methods", "reauthentication_required"}


@dataclass(frozen=True)
class Mutant:
    """One function of a module of views, written again without one of its checks."""

    module: str
    function: str
    check: str
    source: str

    def __str__(self):
        return f"{self.module}.{self.function} without {self.check}"

    def replace(self, monkeypatch):
        """Put the mutant where the function stood, and return the addresses that it serves."""
        module = importlib.import_module(self.module)
        original = getattr(module, self.function)
        exec(compile(self.source, str(self), "exec"), module.__dict__, found := {})
        monkeypatch.setattr(module, self.function, found[self.function])
        served = [one for one in addresses() if one.pattern.callback is original]
        for address in served:
            monkeypatch.setattr(address.pattern, "callback", found[self.function])
        return [address.name for address in served if address.name in ROUTES]


def mutants_of(module_name):
    """List all mutants of the functions that a module of views defines itself."""
    module = sys.modules[module_name]
    functions = [
        (name, inspect.unwrap(value))
        for name, value in vars(module).items()
        if callable(value) and inspect.isfunction(inspect.unwrap(value))
    ]
    return [
        mutant
        for name, function in functions
        if function.__module__ == module_name
        for mutant in _mutants(module_name, name, function)
    ]


def _mutants(module_name, name, function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    total = _Without(-1)
    total.visit(copy.deepcopy(tree))
    for number in range(total.seen):
        without = _Without(number)
        mutated = ast.fix_missing_locations(without.visit(copy.deepcopy(tree)))
        yield Mutant(module_name, name, without.taken_out, ast.unparse(mutated))


class _Without(ast.NodeTransformer):
    """Takes out the check of this number, counting all that it sees."""

    def __init__(self, number):
        self.number = number
        self.seen = 0
        self.taken_out = ""

    def visit_If(self, node):
        self.generic_visit(node)
        refuses = len(node.body) == 1 and _refuses(node.body[0]) and not node.orelse
        if refuses and self._is_it(ast.unparse(node.test)):
            return None
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        narrows = isinstance(node.func, ast.Attribute) and node.func.attr.endswith("visible_to")
        if narrows and self._is_it(node.func.attr):
            return ast.Call(ast.Attribute(node.func.value, "all", ast.Load()), [], [])
        return node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.decorator_list = [
            decorator
            for decorator in node.decorator_list
            if not (_name(decorator) in LIMITS and self._is_it(f"@{_name(decorator)}"))
        ]
        return node

    def _is_it(self, check):
        self.seen += 1
        if self.seen - 1 != self.number:
            return False
        self.taken_out = check
        return True


def _refuses(statement):
    return isinstance(statement, ast.Raise) and _name(statement.exc) in REFUSALS


def _name(node):
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
