"""What runs inside a sandbox. Standard library only, Python 3.8 or newer, imports nothing of ours."""
