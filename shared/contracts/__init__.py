"""Wire models: what crosses between services, and nothing else."""
