"""Values, inputs, comparison and the verdict "equal"."""
