"""A whole operator's world on one machine, for the demo and the tests; refused in production."""
