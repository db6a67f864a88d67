"""Language models behind one protocol (`base.Model`)."""
