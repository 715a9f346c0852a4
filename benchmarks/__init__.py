"""One script a headline figure, with its peers in the same run."""
