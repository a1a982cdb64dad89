"""What was told and is so no longer: kept until the gateway has taken it to everybody who received it."""
