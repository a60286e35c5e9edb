"""The rooms of `./portal demo`: the processes it starts, and the visit of `--check`."""
