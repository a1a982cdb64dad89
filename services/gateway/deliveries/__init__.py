"""Who was told of whom, so that whoever received a record hears when it is so no longer."""
