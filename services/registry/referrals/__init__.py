"""Referrals: one office hands a person or an employer on to another, with the least that it needs."""
