"""LINES AND CALLS: conferences, their PINs, and the call records of the bridges."""
