"""What makes rows different from each other."""

import itertools

serials = itertools.count(1)
