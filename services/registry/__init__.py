"""The registry: parties, workers, screening and referrals."""
