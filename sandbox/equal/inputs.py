"""Inputs made from types and examples: awkward, sized, random and mutated calls. All of it repeats for a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from burnish.sandbox.equal.awkward import awkward_values, plain_value
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.draw import Draw, Span
from burnish.sandbox.equal.given import BadInputs, literal, load_inputs
from burnish.sandbox.equal.mutate import mutate_value
from burnish.sandbox.equal.relations import Relation, apply, relations
from burnish.sandbox.equal.spec import InputSpec, NoInputs, Parameter
from burnish.sandbox.equal.style import UNSEEN, Style, observe
from burnish.sandbox.equal.types import TypeSpec, has_size

__all__ = ["BadInputs", "Generator", "InputSpec", "NoInputs", "Parameter", "ladder", "literal", "load_inputs"]
