"""What a candidate is worth: equality, speed, and the size of its diff, in one score that keeps its parts."""
