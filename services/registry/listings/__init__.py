"""Listings: a party named in the open register, with notice, reply, appeal and an end."""
