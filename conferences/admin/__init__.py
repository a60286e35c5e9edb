"""The back office's pages of conferences, bridges, and what came in from them."""

from conferences.admin import bridges, calls, conferences, feed

__all__ = ["bridges", "calls", "conferences", "feed"]
