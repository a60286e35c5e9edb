"""Signing in through the OpenID Connect provider of one's own company."""
