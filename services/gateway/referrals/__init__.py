"""Referrals across member states: sealed to the receiver's member, sent until they are taken."""
