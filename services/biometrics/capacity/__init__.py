"""How much memory and disk a number of people will take, told before they come."""
