"""The back office's pages of conferences, bridges, and what came in from them."""

from conferences.admin import bridges, calls, channel_events, conferences, feed, recordings

__all__ = ["bridges", "calls", "channel_events", "conferences", "feed", "recordings"]
