"""What only a simulated shop can tell, for only there the truth is known."""
