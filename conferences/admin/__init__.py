"""The back office's pages of conferences, bridges, and what came in from them."""

from conferences.admin import bridges, channel_events, conferences, feed

__all__ = ["bridges", "channel_events", "conferences", "feed"]
