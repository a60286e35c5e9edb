"""The back office's pages of conferences, bridges, and what came in from them."""

from conferences.admin import bridges, conferences, feed, recordings

__all__ = ["bridges", "conferences", "feed", "recordings"]
