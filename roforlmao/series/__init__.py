"""What became of a dataset from day to day."""
