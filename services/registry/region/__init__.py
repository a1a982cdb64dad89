"""What this register tells of workers to other members: whether a number was shown here, and approved content."""
