"""Signing in through another provider: OpenID Connect, authorization code with PKCE, found by discovery."""
