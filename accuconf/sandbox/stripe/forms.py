"""Decodes the bracketed form fields that Stripe's libraries send: a[b]=1, a[0]=x, a[]=y."""

import re
import urllib.parse

_NAME = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decode(*encoded):
    """Return the fields of form-encoded texts as nested dicts and lists of text."""
    tree = {}
    for text in encoded:
        for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
            _plant(tree, _NAME.findall(name), value)
    return {name: _with_lists(branch) for name, branch in tree.items()}


def _plant(tree, path, value):
    *branches, leaf = path
    for name in branches:
        tree = tree.setdefault(name or str(len(tree)), {})
    tree[leaf or str(len(tree))] = value


def _with_lists(branch):
    """Turn each dict whose names are all numbers into a list."""
    if not isinstance(branch, dict):
        return branch
    branch = {name: _with_lists(part) for name, part in branch.items()}
    if all(name.isdecimal() for name in branch):
        return [branch[name] for name in sorted(branch, key=int)]
    return branch
