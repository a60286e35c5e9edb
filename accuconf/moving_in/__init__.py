"""Moving in: an operator's customers come into the portal from one JSON file.

reading.py is the machine, values.py the kinds of value, entries.py the format (explained in
docs/customers-format.md), rules.py what must hold between values, stored.py what is there already,
writing.py puts in what is new, kinds.py names these for each list of the file, and taking_in.py
leads one file through all of them.
"""
