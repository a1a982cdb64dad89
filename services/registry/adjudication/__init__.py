"""People decide: cases that signals open, reviewers who do not know of each other, and what follows."""
